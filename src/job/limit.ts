import { type Problem, problem } from '../problem.ts';
import { formatDuration } from '../settings/types/duration.ts';
import type { RunningTool } from '../toolchain/context.ts';

export interface Limit {
  /** Aborted with the job, or once something took longer than it may. */
  readonly stop: AbortSignal;
  /** Gives the work so many milliseconds. What then runs is named in `late`. */
  readonly timed: <T>(work: () => Promise<T>) => Promise<T>;
  /** Set once the limit has passed. */
  readonly late: () => Problem | null;
}

/** `limit`: milliseconds, or null for none. */
export function openLimit(
  limit: number | null,
  running: ReadonlySet<RunningTool>,
  cancel: AbortSignal,
): Limit {
  const stop = new AbortController();
  const cancelled = (): void => stop.abort(cancel.reason);
  if (cancel.aborted) cancelled();
  else cancel.addEventListener('abort', cancelled, { once: true });
  let late: Problem | null = null;
  return {
    stop: stop.signal,
    late: () => late,
    timed: async (work) => {
      if (limit === null) return work();
      const timer = setTimeout(() => {
        late ??= tooLate(limit, [...running]);
        stop.abort('build-timeout');
      }, limit);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function tooLate(limit: number, running: readonly RunningTool[]): Problem {
  const at = running.map(({ what, lastLine }) => {
    const line = lastLine();
    return line === '' ? `${what} (it has said nothing)` : `${what} (its last words: ${line.slice(0, 300)})`;
  });
  const where = at.length === 0 ? '' : `, at: ${at.join('; ')}`;
  return problem('build', `the build did not end in ${formatDuration(limit)} and was given up${where}`, {
    hint: 'An index that takes connections and never answers does that, or a build backend that waits for something. One that is only slow needs a larger `build-timeout`.',
  });
}

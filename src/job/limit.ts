import { unlessCancelled } from '../cancel.ts';
import { type Problem, problem } from '../problem.ts';
import { formatDuration } from '../settings/types/duration.ts';
import type { RunningTool } from '../toolchain/context.ts';

export interface LimitOptions {
  /** Milliseconds, or null for none. */
  readonly limit: number | null;
  /** What is named where the limit passes. */
  readonly running: ReadonlySet<RunningTool>;
  readonly cancel: AbortSignal;
}

/**
 * Work with a signal of its own, aborted with the job or once the work took longer than it may: what comes later has its
 * full time again. Given up, the work goes on unheard.
 *
 * @throws a `build` problem where it was late or cancelled, else what the work throws.
 */
export async function limited<T>(
  work: (stop: AbortSignal) => Promise<T>,
  { limit, running, cancel }: LimitOptions,
): Promise<T> {
  if (limit === null) return unlessCancelled(work(cancel), cancel);
  const given = new AbortController();
  const stop = AbortSignal.any([cancel, given.signal]);
  let late: Problem | null = null;
  const timer = setTimeout(() => {
    late = tooLate(limit, [...running]);
    given.abort('build-timeout');
  }, limit);
  try {
    return await unlessCancelled(work(stop), stop);
  } catch (error) {
    throw late ?? error;
  } finally {
    clearTimeout(timer);
  }
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

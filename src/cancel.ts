import { problem } from './problem.ts';

export const CANCEL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type CancelSignal = (typeof CANCEL_SIGNALS)[number];

/**
 * The runner cancels with SIGINT, after 7.5 s SIGTERM, and 2.5 s later it kills. The first one is the reason; the
 * second must not end this process, which is still writing the report. SIGHUP comes from a terminal that is closed, to
 * us alone: the program is in a session of its own.
 */
export function cancelSignal(): { readonly signal: AbortSignal; readonly by: () => CancelSignal | null } {
  const controller = new AbortController();
  let by: CancelSignal | null = null;
  for (const name of CANCEL_SIGNALS) {
    process.on(name, () => {
      by ??= name;
      controller.abort(by);
    });
  }
  return { signal: controller.signal, by: () => by };
}

/** Rejects as soon as `signal` is aborted, with a problem that names the reason; the work itself goes on unheard. */
export async function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const given = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    const give = (): void => reject(cancelledBy(signal));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true, signal: given.signal });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    given.abort();
  }
}

export function cancelledBy(signal: AbortSignal): Error {
  return problem('build', `cancelled by ${String(signal.reason)}`);
}

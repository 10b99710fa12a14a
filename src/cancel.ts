export type CancelSignal = 'SIGINT' | 'SIGTERM';

/**
 * The runner cancels with SIGINT, after 7.5 s SIGTERM, and 2.5 s later it kills. The first one is the reason; the
 * second must not end this process, which is still writing the report.
 */
export function cancelSignal(): { readonly signal: AbortSignal; readonly by: () => CancelSignal | null } {
  const controller = new AbortController();
  let by: CancelSignal | null = null;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      by ??= name;
      controller.abort(by);
    });
  }
  return { signal: controller.signal, by: () => by };
}

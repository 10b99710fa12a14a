import type { Log } from '../../src/log.ts';

const quiet = (): void => {};

/** Takes everything and tells nobody. */
export const quietLog: Log = {
  stage: (_title, body) => body(),
  info: quiet,
  debug: quiet,
  notice: quiet,
  warning: quiet,
  passthrough: () => undefined,
};

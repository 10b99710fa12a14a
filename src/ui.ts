import type { Log } from './log.ts';

/** What a job needs from whoever started it: the terminal, the action, another tool. */
export interface Ui {
  readonly log: Log;
  /** Aborted when exitproof itself is cancelled; `reason` is the signal's name. */
  readonly cancel: AbortSignal;
}

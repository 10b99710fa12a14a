import { CANCEL_SIGNALS } from '../cancel.ts';
import { isCancelled } from '../exitCodes.ts';
import type { Sink } from './sink.ts';

/** Milliseconds for a slow reader once exitproof was cancelled: whoever cancelled it kills it soon. */
const PATIENCE_WHEN_CANCELLED = 500;
/** Milliseconds for what is still open once all is written and nothing is left to do. */
const PATIENCE = 1_000;

/**
 * Waits for the readers of what was written, then lets the process end by itself. What keeps it open even so is no
 * reason to stay: a guard that can't end would be the worst joke.
 */
export async function drainAndEnd(sinks: readonly Sink[]): Promise<void> {
  // The job is done: from here on a signal ends the process, as it ends any other that waits for its reader.
  for (const signal of CANCEL_SIGNALS) process.removeAllListeners(signal);
  const drained = Promise.all(sinks.map((sink) => sink.drained()));
  const cancelled = isCancelled(process.exitCode);
  await (cancelled ? Promise.race([drained, after(PATIENCE_WHEN_CANCELLED)]) : drained);
  setTimeout(() => process.exit(), PATIENCE).unref();
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

import { printable } from '../report/text.ts';
import { createActionLog } from './actionLog.ts';
import { readState } from './state.ts';

/** Longer than any sweep takes; a job must not wait for its own cleaning. */
const LIMIT = 20_000;
/** From SIGTERM to SIGKILL. */
const GRACE = 2_000;

async function post(): Promise<void> {
  const log = createActionLog();
  if (readState() === null) {
    log.info('nothing was started');
    return;
  }
  const { sweepDeadGuards } = await import('../watch/sweep.ts');
  const swept = await sweepDeadGuards(GRACE);
  if (swept.length === 0) log.info('nothing was left');
  for (const { pid, command, ended } of swept) {
    log.info(`${ended ? 'ended' : 'could not end'} ${pid}: ${printable(command, 300)}`);
  }
}

// The verdict is main's: whatever happens here, the job's result is not changed by it.
const end = (error: unknown): void => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stdout.write(`what was left could not be looked at: ${printable(reason, 300)}\n`);
};
process.exitCode = 0;
process.on('uncaughtException', end);
setTimeout(() => process.exit(0), LIMIT).unref();
await post().catch(end);

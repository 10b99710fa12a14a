import type { ExitCode } from '../exitCodes.ts';
import { type Fault, handleFaults } from '../fault.ts';
import { type ActionLog, createActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';

/** Milliseconds. A step ends by draining; a handle that somebody forgot must not hold the job. */
const PATIENCE = 5_000;

/** One step of the action, from its log to its exit code. */
export async function start(step: (log: ActionLog) => Promise<ExitCode>): Promise<void> {
  const log = createActionLog();
  // For the ways out on which no `finally` runs: a deaf runner would obey nothing of what follows.
  process.once('exit', () => log.close());
  const handleFault = handleFaults(
    (fault) => tell(fault, log),
    () => process.exit(),
  );
  try {
    const exitCode = await step(log);
    process.exitCode ??= exitCode;
  } catch (error) {
    handleFault(error);
  }
  setTimeout(() => process.exit(), PATIENCE).unref();
}

/** Nothing ran, or exitproof itself broke: one annotation. */
function tell({ sentence, hints, stack }: Fault, log: ActionLog): void {
  log.close();
  if (stack !== null) log.block(stack);
  annotate({ title: 'exitproof', message: [sentence, ...hints].join('\n') });
}

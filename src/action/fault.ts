import type { ExitCode } from '../exitCodes.ts';
import { sortFault } from '../fault.ts';
import type { ActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';

/** Nothing ran, or exitproof itself broke: one annotation, and the exit code that says which. */
export function tellFault(error: unknown, log: ActionLog): ExitCode {
  const { sentence, hints, exitCode, stack } = sortFault(error);
  log.close();
  if (stack !== null) log.block(stack);
  annotate({ title: 'exitproof', message: [sentence, ...hints].join('\n') });
  return exitCode;
}

import { EXIT, type ExitCode } from '../exitCodes.ts';
import { isProblem } from '../problem.ts';
import type { ActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';

/** Nothing ran, or exitproof itself broke: one annotation, and the exit code that says which. */
export function tellFault(error: unknown, log: ActionLog): ExitCode {
  log.close();
  if (isProblem(error) && error.kind !== 'internal') {
    annotate({ title: 'exitproof', message: [error.message, error.hint ?? ''].join('\n').trim() });
    return error.kind === 'settings' ? EXIT.settings : EXIT.notBuilt;
  }
  const [message, stack] =
    error instanceof Error ? [error.message, error.stack ?? error.message] : [String(error), String(error)];
  log.block(stack);
  annotate({ title: 'exitproof: a fault of its own', message });
  return EXIT.internal;
}

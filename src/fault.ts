import { EXIT, type ExitCode } from './exitCodes.ts';
import { isProblem } from './problem.ts';

/** What ended a job before it had a report, in words; each surface prints it in its own way. */
export interface Fault {
  readonly sentence: string;
  /** What to do about it, a line each. */
  readonly hints: readonly string[];
  readonly exitCode: ExitCode;
  /** Set for a fault of exitproof itself: where it happened, for those who mend it. */
  readonly stack: string | null;
}

export function sortFault(error: unknown): Fault {
  if (isProblem(error) && error.kind !== 'internal') {
    return {
      sentence: error.message,
      hints: error.hint === undefined ? [] : [error.hint],
      exitCode: error.kind === 'settings' ? EXIT.settings : EXIT.notBuilt,
      stack: null,
    };
  }
  const what = error instanceof Error ? error.message : String(error);
  return {
    sentence: `a fault of exitproof itself: ${what}`,
    hints: [
      'it stopped here, and the program has got no verdict',
      "please report it, with its stack, to exitproof's issue tracker",
    ],
    exitCode: EXIT.internal,
    stack: (error instanceof Error ? error.stack : undefined) ?? what,
  };
}

/** Milliseconds that a job gets to end what it has started. */
const CLEARING_UP = 7_000;

/**
 * Sees to it that a fault is told once and decides the exit code, also where nothing awaits what broke: Node's own way
 * out is a bare stack and exit code 1, which would be a verdict, and leaves the program running.
 *
 * Answers with what to call for a fault that was caught. `end` ends the process after one that was not.
 */
export function handleFaults(tell: (fault: Fault) => void, end: () => void): (error: unknown) => void {
  const handle = (error: unknown): void => {
    // What breaks in the wake of a fault is not what there is to mend.
    if (process.exitCode === EXIT.internal) return;
    const fault = sortFault(error);
    process.exitCode = fault.exitCode;
    tell(fault);
  };
  process.on('uncaughtException', (error) => {
    handle(error);
    // A cancelled job ends its program, its tools and then itself.
    const cancelled = process.emit('SIGTERM');
    if (cancelled) setTimeout(end, CLEARING_UP).unref();
    else end();
  });
  return handle;
}

/** A job that was given up for a fault of exitproof has no verdict that anybody could rely on. */
export function hasBroken(): boolean {
  return process.exitCode === EXIT.internal;
}

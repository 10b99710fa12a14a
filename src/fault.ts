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

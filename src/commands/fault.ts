import { EXIT, type ExitCode } from '../exitCodes.ts';
import { isProblem } from '../problem.ts';
import { printableLines } from '../report/text.ts';

/** What a fault says on stderr, and the exit code that goes with it. */
export function describeFault(
  error: unknown,
  verbose: boolean,
): { readonly text: string; readonly exitCode: ExitCode } {
  if (isProblem(error) && error.kind !== 'internal') {
    const hint = error.hint === undefined ? [] : [`  ${error.hint}`];
    return {
      text: lines([`exitproof: ${error.message}`, ...hint]),
      exitCode: error.kind === 'settings' ? EXIT.settings : EXIT.notBuilt,
    };
  }
  const what = error instanceof Error ? error.message : String(error);
  const stack = verbose && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  const again = verbose ? 'with the lines below' : 'with what --verbose prints';
  return {
    text: lines([
      `exitproof: a fault of exitproof itself: ${what}`,
      '  it stopped here, and the program has got no verdict',
      `  please report it, ${again}, to exitproof's issue tracker`,
      ...stack,
    ]),
    exitCode: EXIT.internal,
  };
}

function lines(texts: readonly string[]): string {
  return texts
    .flatMap(printableLines)
    .map((line) => `${line}\n`)
    .join('');
}

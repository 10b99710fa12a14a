import type { Fault } from '../fault.ts';
import { printableLines } from '../report/text.ts';

/** What a fault says on stderr. */
export function faultText({ sentence, hints, stack }: Fault, verbose: boolean): string {
  const details = stack === null ? [] : [verbose ? stack : '  --verbose prints the stack'];
  return [`exitproof: ${sentence}`, ...hints.map((hint) => `  ${hint}`), ...details]
    .flatMap(printableLines)
    .map((line) => `${line}\n`)
    .join('');
}

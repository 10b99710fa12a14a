import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinWords, splitWords } from '../../../src/settings/types/words.ts';

/** What the machine's own shell makes of the line. */
function byShell(line: string): string[] {
  const script = `set -f; set -- ${line}\nfor word; do printf '%s\\0' "$word"; done`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

// Every way to write a part of a word, without what a shell would expand or obey.
const plain = fc.stringMatching(/^[\w=,.:/é%@+-]{1,6}$/);
const single = fc.stringMatching(/^[^'\0]{0,6}$/).map((text) => `'${text}'`);
const double = fc
  .array(
    fc.oneof(fc.stringMatching(/^[^"\\$`\0]$/), fc.constantFrom('\\$', '\\`', '\\"', '\\\\', '\\\n', '\\a')),
    {
      maxLength: 6,
    },
  )
  .map((parts) => `"${parts.join('')}"`);
const escaped = fc.stringMatching(/^[^\0\r\ud800-\udfff]$/).map((character) => `\\${character}`);
const blank = fc.constantFrom(' ', '\t', '   ');
const line = fc
  .array(fc.oneof(plain, single, double, escaped, blank), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('words', () => {
  test('are split as the shell of this machine splits them', () => {
    fc.assert(
      fc.property(line, (text) => {
        expect(splitWords(text)).toEqual(byShell(text));
      }),
      { numRuns: 300 },
    );
  });

  test('come back from the line that was written of them', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });

  test.each([
    ['$HOME', ['$HOME']],
    ['*.py', ['*.py']],
    ['~', ['~']],
    ['a | b', ['a', '|', 'b']],
    ['# no comment', ['#', 'no', 'comment']],
    ["$'a\\n'", ['$a\\n']],
    ['"$(id)"', ['$(id)']],
    ["''", ['']],
    ['', []],
  ])('of %s are not expanded', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each(["it's", 'say "no', 'end\\'])('of %s are none, since something is left open', (text) => {
    expect(splitWords(text)).toBeNull();
  });
});

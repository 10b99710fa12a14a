import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskSecrets } from '../../../src/evidence/mask.ts';
import { bareName, clean, foldThreads, reportThreads } from '../../../src/evidence/threads.ts';
import type { Thread } from '../../../src/report/model.ts';

const thread: fc.Arbitrary<Thread> = fc.record({
  name: fc.option(fc.string()),
  tid: fc.option(fc.nat()),
  main: fc.boolean(),
  frames: fc.array(
    fc.record({
      function: fc.constantFrom('f', 'g'),
      file: fc.constant('a.py'),
      line: fc.constantFrom(1, 2),
    }),
    { maxLength: 3 },
  ),
});

test('folding loses no thread, keeps no two alike, and puts the main one first', () => {
  fc.assert(
    fc.property(fc.array(thread), (threads) => {
      const folded = foldThreads(threads);
      expect(folded.reduce((sum, { folded: more = 0 }) => sum + 1 + more, 0)).toBe(threads.length);
      expect(new Set(folded.map(({ main, frames }) => JSON.stringify([main, frames]))).size).toBe(
        folded.length,
      );
      const firstOther = folded.findIndex(({ main }) => !main);
      expect(folded.slice(firstOther === -1 ? folded.length : firstOther).every(({ main }) => !main)).toBe(
        true,
      );
    }),
  );
});

test('three hundred threads that wait alike are one, with their processor time added up', () => {
  const frames = [{ function: 'wait', file: 'a.py', line: 3 }];
  const threads = Array.from({ length: 300 }, (_, tid) => ({
    name: `t${tid}`,
    tid,
    main: false,
    cpu: 2,
    frames,
  }));
  expect(reportThreads(threads, [])).toEqual([
    { name: 't0', tid: 0, main: false, cpu: 600, frames, folded: 299 },
  ]);
});

test('a recursion keeps its innermost and outermost frames', () => {
  const frames = Array.from({ length: 5000 }, (_, depth) => ({
    function: `f${depth}`,
    file: 'a.py',
    line: depth,
  }));
  const [reported] = reportThreads([{ name: null, tid: 1, main: true, frames }], []);
  expect(reported?.frames.length).toBeLessThan(200);
  expect(reported?.frames[0]?.function).toBe('f0');
  expect(reported?.frames.at(-1)?.function).toBe('f4999');
  expect(reported?.frames.map((frame) => frame.function)).toContain('(4860 more frames)');
});

test('a hostile thread name stays on its line and turns nothing', () => {
  const name = 'evil\n::error::\u001b[2J\u202e\u2028';
  const [reported] = reportThreads([{ name, tid: 1, main: true, frames: [] }], []);
  expect(reported?.name).toBe('evil\\n::error::\\x1b[2J\\u{202e}\\u{2028}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(clean(text, [])).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

test('no secret is left, not even one line of it or one that holds another', () => {
  expect(maskSecrets('a hunter2x and hunter2 here', ['hunter2', 'hunter2x'])).toBe('a *** and *** here');
  expect(maskSecrets('key: second-line', ['first-line\nsecond-line'])).toBe('key: ***');
  expect(maskSecrets('plain a text', ['', 'a', '  '])).toBe('plain a text');
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 6 }), fc.string(), (before, secret, after) => {
      fc.pre(secret.trim().length >= 6 && !'***'.includes(secret) && !/[*\r\n]/.test(secret));
      expect(maskSecrets(before + secret + after, [secret])).not.toContain(secret);
    }),
  );
});

test('secrets are masked in names, files, functions and states', () => {
  const frames = [{ function: 'f_hunter2', file: '/x/hunter2/a.py', line: 1 }];
  const reported = reportThreads(
    [{ name: 'hunter2', tid: 1, main: true, state: '[hunter2]', frames }],
    ['hunter2'],
  );
  expect(JSON.stringify(reported)).not.toContain('hunter2');
});

test.each([
  ['Registry.__del__', '__del__'],
  ['main.<locals>.worker', 'worker'],
  ['main.<locals>.<lambda>', '<lambda>'],
  ['<module>', '<module>'],
  ['plain', 'plain'],
])('the bare name of %s is %s', (qualified, bare) => {
  expect(bareName(qualified)).toBe(bare);
});

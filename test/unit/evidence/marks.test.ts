import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARK_NAMES, nameKey, parseMarks } from '../../../src/evidence/marks.ts';

const mark = fc.record({
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  t: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  name: fc.constantFrom(...MARK_NAMES),
});

test('what the probe writes is read back, however far it has got', () => {
  fc.assert(
    fc.property(fc.array(mark), fc.nat(), (marks, cut) => {
      const text = marks.map(({ pid, t, name }) => `${pid} ${t} ${name}\n`).join('');
      expect(parseMarks(text)).toEqual(marks);
      const half = text.slice(0, text.length === 0 ? 0 : cut % text.length);
      expect(parseMarks(half)).toEqual(marks.slice(0, half.split('\n').length - 1));
    }),
  );
});

test('the threads that are waited for stand beside the mark', () => {
  const key = nameKey('uploader');
  expect(
    parseMarks(`7 8 threading-shutdown [70=${key},71=]\n7 9 threading-shutdown []\n7 9 atexit\n`),
  ).toEqual([
    {
      pid: 7,
      t: 8n,
      name: 'threading-shutdown',
      awaited: [
        { tid: 70, key },
        { tid: 71, key: '' },
      ],
    },
    { pid: 7, t: 9n, name: 'threading-shutdown', awaited: [] },
    { pid: 7, t: 9n, name: 'atexit' },
  ]);
  expect(parseMarks('7 8 threading-shutdown [70=a,x=,=,1=zz,]\n7 8 threading-shutdown [70=6]\n')).toEqual([
    { pid: 7, t: 8n, name: 'threading-shutdown', awaited: [] },
  ]);
});

test('a start says which interpreter it is of', () => {
  expect(parseMarks('7 8 start [3.9.18]\n7 9 start [3.9]\n')).toEqual([
    { pid: 7, t: 8n, name: 'start', python: '3.9.18' },
    { pid: 7, t: 9n, name: 'start' },
  ]);
});

test('what the program writes there is passed over', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseMarks(text)));
  expect(parseMarks('0 1 start\n12 1 begin\nhello\n12 -1 start\n7 8 start\n')).toEqual([
    { pid: 7, t: 8n, name: 'start' },
  ]);
});

import { expect, test } from 'vitest';
import { allCases, sample } from '../../../scripts/corpus/cases.ts';
import { isRight, percent, shares, tableLines } from '../../../scripts/corpus/table.ts';

const judged = [
  { name: 'one', seconds: 1, findings: [{ aspect: 'verdict' as const, miss: null }] },
  {
    name: 'two',
    seconds: 1,
    findings: [
      { aspect: 'verdict' as const, miss: null },
      { aspect: 'phase' as const, miss: 'atexit expected, got run' },
    ],
  },
];

test('an aspect has its share among the cases that it applies to', () => {
  const byAspect = new Map(shares(judged).map((share) => [share.aspect, share]));
  expect(byAspect.get('verdict')).toMatchObject({ right: 2, of: 2 });
  expect(byAspect.get('phase')).toMatchObject({ right: 0, of: 1 });
  expect(percent({ aspect: 'cause', right: 0, of: 0 })).toBe(100);
  expect(judged.map(isRight)).toEqual([true, false]);
});

test('the table names each miss with its reason', () => {
  expect(tableLines('CPython 3.12', judged).join('\n')).toContain('two: phase: atexit expected, got run');
});

test('every case can be read, and the intermittent ones come with both outcomes', () => {
  const names = allCases().map((one) => one.name);
  expect(names.length).toBeGreaterThanOrEqual(80);
  expect(names).toContain('intermittent_02');
  expect(names).toContain('intermittent_02:ok');
});

test('a sample is spread over all cases and has the size that was asked for', () => {
  const cases = allCases();
  expect(sample(cases, 10)).toHaveLength(10);
  expect(sample(cases, 10).at(-1)?.name.localeCompare('n')).toBeGreaterThan(0);
  expect(sample(cases, 1000)).toHaveLength(cases.length);
});

import { describe, expect, test } from 'vitest';
import { addTime, addTimes, type Tallied, timesOf } from '../../../src/report/times.ts';
import { random } from '../soak/random.ts';

const tally = (values: readonly number[]): Tallied => {
  const tallied: Tallied = new Map();
  for (const value of values) addTime(tallied, value);
  return tallied;
};

describe('times of many runs', () => {
  test('of none are none', () => {
    expect(timesOf(new Map())).toBeNull();
  });

  test('have percentiles by nearest rank', () => {
    const times = timesOf(tally(Array.from({ length: 100 }, (_, index) => index + 1)));
    expect(times).toMatchObject({ p50: 50, p95: 95, max: 100 });
    expect(timesOf(tally([3, 1, 2]))).toMatchObject({ p50: 2, p95: 3, max: 3 });
    expect(timesOf(tally([0]))).toMatchObject({ p50: 0, p95: 0, max: 0 });
  });

  test('keep three digits, so that a million runs take no more memory than a thousand', () => {
    const dice = random(1);
    const tallied: Tallied = new Map();
    for (let run = 0; run < 200_000; run += 1) addTime(tallied, 10 + dice() * 990);
    expect(tallied.size).toBeLessThanOrEqual(1801);
    const times = timesOf(tallied);
    expect(times?.p50).toBeGreaterThan(495);
    expect(times?.p50).toBeLessThan(515);
  });

  test('of two reports joined are those of all their runs', () => {
    const one = [0.4, 10.04, 12_345, 7];
    const other = [7, 7.01, 0.1];
    const joined: Tallied = new Map();
    for (const part of [one, other]) {
      const times = timesOf(tally(part));
      if (times !== null) addTimes(joined, times);
    }
    expect(timesOf(joined)).toEqual(timesOf(tally([...one, ...other])));
    expect(timesOf(joined)?.counts).toMatchObject({ '12300': 1, '7': 2, '7.01': 1, '10': 1 });
  });
});

import type { Times } from './model.ts';

/** Milliseconds of many runs in memory that doesn't grow with them. */
export type Tallied = Map<number, number>;

/** Three significant digits: half a percent is less than two runs differ, and the values are few. */
export function addTime(tallied: Tallied, milliseconds: number): void {
  const value = Number(milliseconds.toPrecision(3));
  tallied.set(value, (tallied.get(value) ?? 0) + 1);
}

/** Null of nothing. The percentiles are by nearest rank, so each is a time that was measured. */
export function timesOf(tallied: Tallied): Times | null {
  const sorted = [...tallied].toSorted(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  const max = sorted.at(-1)?.[0];
  if (max === undefined) return null;
  const percentile = (percent: number): number => {
    let before = 0;
    for (const [value, count] of sorted) {
      before += count;
      if (before >= (percent / 100) * all) return value;
    }
    return max;
  };
  const counts = Object.fromEntries(sorted.map(([value, count]) => [String(value), count]));
  return { p50: percentile(50), p95: percentile(95), max, counts };
}

/** Adds what {@link timesOf} has told of other runs. */
export function addTimes(tallied: Tallied, { counts }: Times): void {
  for (const [text, count] of Object.entries(counts)) {
    const value = Number(text);
    tallied.set(value, (tallied.get(value) ?? 0) + count);
  }
}

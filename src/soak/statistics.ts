import jstat from 'jstat';
import type { Interval } from '../report/model.ts';

const CONFIDENCE = 0.95;

/**
 * Where the true share lies of what was seen in `seen` of `runs` runs, by Clopper and Pearson, with 95 % confidence: on
 * two sides, or on one where nothing was seen, since no share lies below 0. Null for no runs.
 */
export function exactInterval(seen: number, runs: number): Interval | null {
  if (runs === 0) return null;
  if (seen === 0) return { lower: 0, upper: -Math.expm1(Math.log(1 - CONFIDENCE) / runs), sides: 1 };
  const { inv } = jstat.jStat.beta;
  const outside = (1 - CONFIDENCE) / 2;
  return {
    lower: inv(outside, seen, runs - seen + 1),
    upper: seen === runs ? 1 : inv(1 - outside, seen + 1, runs - seen),
    sides: 2,
  };
}

/** How many runs, all clean, prove with 95 % confidence that the share is at most `share` (above 0, below 1). */
export function cleanRunsFor(share: number): number {
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log1p(-share));
}

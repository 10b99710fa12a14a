import { describe, expect, test } from 'vitest';
import { cleanRunsFor, exactInterval } from '../../../src/soak/statistics.ts';
import { random } from './random.ts';

/** From SciPy 1.18.1: `beta.ppf` at 0.025 and 0.975, for no stall at 0.95. */
const KNOWN = [
  [0, 1, 0.0, 0.95],
  [0, 20, 0.0, 0.1391083407],
  [0, 299, 0.0, 0.0099691468],
  [1, 1, 0.025, 1.0],
  [1, 50, 0.000506228, 0.1064695457],
  [3, 20, 0.0320709372, 0.3789268265],
  [6, 300, 0.007374162, 0.0430210827],
  [20, 20, 0.831566529, 1.0],
  [2000, 10_000, 0.1921983702, 0.2079767278],
] as const;

describe('the exact interval', () => {
  test.for(KNOWN)('of %i in %i runs is as known', ([seen, runs, lower, upper]) => {
    const interval = exactInterval(seen, runs);
    expect(interval?.lower).toBeCloseTo(lower, 8);
    expect(interval?.upper).toBeCloseTo(upper, 8);
    expect(interval?.sides).toBe(seen === 0 ? 1 : 2);
  });

  test('of no runs is none', () => {
    expect(exactInterval(0, 0)).toBeNull();
  });

  test('holds what was seen, and its mirror image holds the rest', () => {
    for (const runs of [1, 7, 50, 1000, 1_000_000]) {
      for (const seen of [1, Math.ceil(runs / 3), runs]) {
        const { lower, upper } = exactInterval(seen, runs) ?? { lower: 1, upper: 0 };
        expect(lower).toBeLessThan(seen / runs);
        expect(upper).toBeGreaterThanOrEqual(seen / runs);
        if (seen === runs) continue;
        const mirrored = exactInterval(runs - seen, runs);
        expect(mirrored?.lower).toBeCloseTo(1 - upper, 9);
        expect(mirrored?.upper).toBeCloseTo(1 - lower, 9);
      }
    }
  });

  test.for([
    [0.02, 50],
    [0.02, 299],
    [0.2, 30],
    [0.2, 200],
  ] as const)('covers a true share of %f in at least 93 of 100 soaks of %i runs', ([share, runs]) => {
    const dice = random(0xe817);
    const covered = Array.from({ length: 100 }, () => {
      const seen = Array.from({ length: runs }, () => dice() < share).filter(Boolean).length;
      const interval = exactInterval(seen, runs);
      return interval !== null && interval.lower <= share && share <= interval.upper;
    }).filter(Boolean).length;
    expect(covered).toBeGreaterThanOrEqual(93);
    // It claims 95 %, and one that covers all of many soaks would claim too little.
    expect(cover(share, runs)).toBeLessThan(1);
  });
});

/** The share of all outcomes, weighed by how likely they are, whose interval holds the true share. */
function cover(share: number, runs: number): number {
  let covered = 0;
  let logLikelihood = runs * Math.log1p(-share);
  for (let seen = 0; seen <= runs; seen += 1) {
    const interval = exactInterval(seen, runs);
    if (interval !== null && interval.lower <= share && share <= interval.upper) {
      covered += Math.exp(logLikelihood);
    }
    logLikelihood += Math.log((runs - seen) / (seen + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return covered;
}

describe('the clean runs that prove a share', () => {
  test.for([
    [0.01, 299],
    [0.05, 59],
    [0.001, 2995],
    [0.1, 29],
    [0.5, 5],
  ] as const)('of at most %f are %i: one less would not', ([share, runs]) => {
    expect(cleanRunsFor(share)).toBe(runs);
    expect(exactInterval(0, runs)?.upper).toBeLessThanOrEqual(share);
    expect(exactInterval(0, runs - 1)?.upper).toBeGreaterThan(share);
  });
});

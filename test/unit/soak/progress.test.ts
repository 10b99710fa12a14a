import { expect, test } from 'vitest';
import { openProgress } from '../../../src/soak/progress.ts';
import type { Target } from '../../../src/soak/target.ts';
import { PASSED_RUN, STALLED_RUN } from '../report/sample.ts';

/** What is told of runs of 100 ms each, the seventh of which stalls. */
function told(target: Target, runs: number): readonly string[] {
  const lines: string[] = [];
  let now = 0;
  const ran = openProgress({ target, tell: (line) => lines.push(line), now: () => now });
  for (let run = 1; run <= runs; run += 1) {
    now += 100;
    ran(run === 7 ? STALLED_RUN : PASSED_RUN);
  }
  return lines;
}

test('progress has the count, the stalls, the rate and the time that is left', () => {
  expect(told({ kind: 'runs', runs: 200 }, 199)[0]).toBe(
    '50 of 200 runs, 1 stall, 10.0 runs a second, about 15.0 s left',
  );
  expect(told({ kind: 'time', milliseconds: 60_000 }, 60)[0]).toBe(
    '50 runs, 1 stall, 10.0 runs a second, about 55.0 s left',
  );
});

test('once its time is over only the last runs are waited for', () => {
  expect(told({ kind: 'time', milliseconds: 4_000 }, 60)[0]).toBe(
    '50 runs, 1 stall, 10.0 runs a second, the last ones are ending',
  );
});

test('an hour of it is some dozens of lines', () => {
  const lines = told({ kind: 'runs', runs: 40_000 }, 36_000);
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.length).toBeLessThan(90);
});

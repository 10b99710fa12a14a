import { describe, expect, test } from 'vitest';
import { duration } from '../../../src/report/durations.ts';
import type { RunRecord, Verdict } from '../../../src/report/model.ts';
import { outputs } from '../../../src/report/outputs.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { percentile } from '../../../src/report/timings.ts';
import { worstRun } from '../../../src/report/worst.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED, PASSED_RUN, STALLED, STALLED_RUN } from './sample.ts';

const runs = (verdict: Verdict, layout: RunRecord['layout'], count: number): RunRecord[] =>
  Array.from({ length: count }, () => ({ ...STALLED_RUN, verdict, layout }));

describe('the verdict of the whole', () => {
  test('the worst run gives it, in the order of the contract', () => {
    const order: Verdict[] = ['passed', 'failed', 'crashed', 'leaked', 'stalled', 'not-started', 'cancelled'];
    for (let count = 1; count <= order.length; count++) {
      expect(worstRun(order.slice(0, count).map((verdict) => ({ verdict })))).toEqual({
        verdict: order[count - 1],
      });
    }
    expect(worstRun([])).toBeNull();
  });
});

describe('the sentence for the whole', () => {
  test('says of a job that was cancelled between its runs how many passed', () => {
    const { layout, soak, warnings, failure } = PASSED;
    const report = { verdict: 'cancelled', runs: [PASSED_RUN], layout, soak, warnings, failure } as const;
    expect(summarise(report)).toBe('It was cancelled after 1 run that passed.');
  });

  test('says how the teardown went where all passed', () => {
    expect(
      summarise({
        verdict: 'passed',
        runs: [PASSED_RUN],
        layout: null,
        soak: null,
        warnings: [],
        failure: null,
      }),
    ).toBe('It ran and ended by itself, its teardown took 12 ms.');
    const slow = { ...PASSED_RUN, timings: { run: 3, atexit: 2100 } };
    expect(
      summarise({
        verdict: 'passed',
        runs: [PASSED_RUN, slow],
        layout: null,
        soak: null,
        warnings: [],
        failure: null,
      }),
    ).toBe('All 2 runs ended by themselves, the slowest teardown took 2.10 s.');
  });

  test('tells a run out of the archive from those of the layout, and counts it not as a run of the soak', () => {
    const bad = {
      ...PASSED_RUN,
      verdict: 'failed',
      reason: 'failed: exit code 3, expected 0',
      from: 'archive',
    } as const;
    const report = {
      verdict: 'failed',
      runs: [PASSED_RUN, bad],
      layout: 'venv',
      warnings: [],
      failure: null,
    } as const;
    expect(summarise({ ...report, soak: null })).toBe(
      '1 run of 2 failed: out of the archive: exit code 3, expected 0.',
    );
    const tally = openTally();
    for (let count = 0; count < 20; count++) tally.add(PASSED_RUN, null);
    expect(summarise({ ...report, soak: tally.read().soak })).toBe(
      'Out of the archive: exit code 3, expected 0.',
    );
    const other = { ...bad, verdict: 'crashed', reason: 'crashed: ended by SIGSEGV' } as const;
    expect(summarise({ ...report, runs: [PASSED_RUN, bad, other], soak: tally.read().soak })).toBe(
      'Out of the archive: 1 run of 2 crashed, 1 failed.',
    );
  });

  test('counts nothing of a soak that was cancelled in its first run', () => {
    const tally = openTally();
    tally.add({ ...PASSED_RUN, verdict: 'cancelled', reason: 'cancelled by SIGINT' }, null);
    expect(
      summarise({ verdict: 'cancelled', ...tally.read(), layout: 'venv', warnings: [], failure: null }),
    ).toBe('It was cancelled before any run ended.');
  });

  test('counts the runs of each layout', () => {
    const both = [
      ...runs('stalled', 'zipapp', 3),
      ...runs('passed', 'zipapp', 17),
      ...runs('passed', 'venv', 20),
    ];
    expect(
      summarise({ verdict: 'stalled', runs: both, layout: null, soak: null, warnings: [], failure: null }),
    ).toBe(
      'zipapp stalled in 3 of 20 runs, venv in 0 of 20: The main thread has ended, but thread "uploader" still waits in upload_forever for an item.',
    );
    const one = [...runs('stalled', 'venv', 1), ...runs('passed', 'venv', 2)];
    expect(
      summarise({ verdict: 'stalled', runs: one, layout: null, soak: null, warnings: [], failure: null }),
    ).toMatch(/^1 run of 3 stalled: The main/u);
  });

  test('falls back to the reason, and to the failure of a build', () => {
    const failed: RunRecord = { ...PASSED_RUN, verdict: 'failed', reason: 'exit code 3, expected 0' };
    expect(
      summarise({ verdict: 'failed', runs: [failed], layout: null, soak: null, warnings: [], failure: null }),
    ).toBe('exit code 3, expected 0.');
    const failure = { message: 'No such script', hint: null };
    expect(
      summarise({ verdict: 'not-built', runs: [], layout: null, soak: null, warnings: [], failure }),
    ).toBe('No such script.');
  });
});

describe("the action's outputs", () => {
  test('are strings, empty for what there is none of', () => {
    expect(outputs(STALLED, 'out/report.json')).toEqual({
      verdict: 'stalled',
      phase: 'threading-shutdown',
      cause: 'queue-consumer',
      summary: STALLED.summary,
      executable: '',
      layout: 'venv',
      archive: '',
      report: 'out/report.json',
      sha256: 'ab'.repeat(32),
      version: '2.105.2',
      python: '3.12.1',
      'cache-result': 'miss',
      'cache-reason': 'part changed: project',
      'cache-key': 'k',
      runs: '2',
      stalls: '1',
      'teardown-p95-ms': '10000',
    });
    expect(outputs({ ...PASSED, build: null, cache: null, runs: [] }, 'r')['teardown-p95-ms']).toBe('');
  });
});

test('a percentile is a value that was measured', () => {
  expect(percentile([], 95)).toBeNull();
  expect(percentile([7], 95)).toBe(7);
  expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
  expect(
    percentile(
      Array.from({ length: 100 }, (_, at) => at + 1),
      95,
    ),
  ).toBe(95);
});

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.5, '1.00 s'],
  [9_994, '9.99 s'],
  [9_995, '10.0 s'],
  [75_400, '75.4 s'],
  [725_000, '12 min 05 s'],
])('%d ms is shown as %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

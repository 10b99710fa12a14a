import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { regressions, teardownTimes } from '../../../src/report/baseline.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED_RUN, STALLED_RUN } from './sample.ts';

describe('a teardown that grew', () => {
  test('is told with its phase', () => {
    const before = { '--help': { 'threading-shutdown': 1, atexit: 30, finalization: 9 } };
    const now = { '--help': { 'threading-shutdown': 1, atexit: 2080, finalization: 19 } };
    expect(regressions(before, now)).toEqual(['the teardown of “--help” grew from 40 ms to 2.10 s (atexit)']);
  });

  test.each([
    ['a few hundred milliseconds more', 40, 480],
    ['much more, but a small share', 3000, 4000],
    ['less', 2000, 40],
  ])('is not one that takes %s', (_, was, is) => {
    expect(regressions({ a: { atexit: was } }, { a: { atexit: is } })).toEqual([]);
  });

  test('is compared by the name of its smoke run alone', () => {
    expect(regressions({ a: { atexit: 1 } }, { b: { atexit: 9000 } })).toEqual([]);
  });

  test('is not measured out of the archive, where the program is as cold as its users have it', () => {
    const slow = { ...PASSED_RUN, from: 'archive', timings: { atexit: 9000 } } as const;
    const run = { ...PASSED_RUN, timings: { atexit: 3 } };
    expect(teardownTimes({ runs: [run, slow], soak: null }, run.layout)).toEqual({
      [run.name]: { atexit: 3 },
    });
  });

  test('can be a phase that was not seen before', () => {
    const [told] = regressions({ a: { atexit: 5 } }, { a: { atexit: 5, 'native-exit': 1000 } });
    expect(told).toMatch(/\(native-exit\)$/);
  });

  test('is never told of the same times, nor of shorter ones', () => {
    const time = fc.nat(100_000);
    fc.assert(
      fc.property(time, time, fc.nat(100), (atexit, finalization, less) => {
        const before = { a: { atexit, finalization } };
        const now = { a: { atexit: Math.max(0, atexit - less), finalization } };
        expect(regressions(before, now)).toEqual([]);
      }),
    );
  });
});

describe('the teardown times of a report', () => {
  test('are those of the passed runs of one layout', () => {
    const runs = [
      { ...PASSED_RUN, name: 'a', layout: 'venv' as const, timings: { run: 10, atexit: 3, finalization: 4 } },
      { ...PASSED_RUN, name: 'b', layout: 'zipapp' as const },
      { ...STALLED_RUN, name: 'c', layout: 'venv' as const },
      { ...PASSED_RUN, name: 'd', layout: 'venv' as const, timings: { run: 10 } },
    ];
    expect(teardownTimes({ runs, soak: null }, 'venv')).toEqual({ a: { atexit: 3, finalization: 4 } });
  });

  test('are the middle of those of a soak', () => {
    const tally = openTally();
    for (const atexit of [10, 20, 900]) {
      tally.add({ ...PASSED_RUN, layout: 'venv', timings: { run: 1, atexit } }, null);
    }
    expect(teardownTimes(tally.read(), 'venv')).toEqual({ [PASSED_RUN.name]: { atexit: 20 } });
  });
});

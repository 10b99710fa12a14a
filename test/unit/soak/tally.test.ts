import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src/report/model.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED_RUN, STALLED_RUN } from '../report/sample.ts';
import { random } from './random.ts';

/** A stall whose guilty frame is another function. */
function stallIn(name: string): RunRecord {
  const rename = <T extends { readonly function: string }>(frame: T): T =>
    frame.function === 'upload_forever' ? { ...frame, function: name } : frame;
  const { diagnosis } = STALLED_RUN;
  return {
    ...STALLED_RUN,
    evidence: STALLED_RUN.evidence.map((evidence) => ({
      ...evidence,
      threads: evidence.threads.map((thread) => ({ ...thread, frames: thread.frames.map(rename) })),
    })),
    diagnosis: diagnosis?.guilty == null ? diagnosis : { ...diagnosis, guilty: rename(diagnosis.guilty) },
  };
}

describe('a tally', () => {
  test('counts runs, stalls and verdicts, of each series and of all', () => {
    const tally = openTally();
    for (let run = 0; run < 17; run += 1) tally.add(PASSED_RUN, '3.12.1');
    for (let run = 0; run < 3; run += 1) tally.add({ ...STALLED_RUN, name: PASSED_RUN.name }, '3.12.1');
    tally.add({ ...PASSED_RUN, name: 'other', verdict: 'crashed', signal: 'SIGSEGV' }, '3.12.1');
    tally.add({ ...PASSED_RUN, name: 'other', verdict: 'cancelled' }, '3.12.1');
    const { soak } = tally.read();
    expect(soak).toMatchObject({
      runs: 21,
      stalls: 3,
      verdicts: { passed: 17, stalled: 3, crashed: 1, cancelled: 1 },
    });
    expect(soak.series).toMatchObject([
      { name: PASSED_RUN.name, layout: 'venv', python: '3.12.1', runs: 20, stalls: 3 },
      { name: 'other', runs: 1, stalls: 0 },
    ]);
    expect(soak.series[0]?.interval?.lower).toBeCloseTo(0.0320709372, 8);
    expect(soak.series[0]?.interval?.upper).toBeCloseTo(0.3789268265, 8);
  });

  test('keeps the evidence of each distinct stall once, worst and most frequent first', () => {
    const tally = openTally();
    expect(tally.add(stallIn('alpha'), null)).toBe(true);
    for (let run = 0; run < 5; run += 1) tally.add(stallIn('beta'), null);
    expect(tally.add(stallIn('alpha'), null)).toBe(false);
    tally.add({ ...PASSED_RUN, verdict: 'failed', exitCode: 3 }, null);
    tally.add({ ...PASSED_RUN, verdict: 'failed', exitCode: 4 }, null);
    const { runs, soak } = tally.read();
    expect(soak.endings.map(({ verdict, runs: number }) => [verdict, number])).toEqual([
      ['stalled', 5],
      ['stalled', 2],
      ['failed', 1],
      ['failed', 1],
    ]);
    const functions = soak.endings.map(({ example }) => runs[example]?.diagnosis?.guilty?.function);
    expect(functions.slice(0, 2)).toEqual(['beta', 'alpha']);
    expect(new Set(soak.endings.map(({ fingerprint }) => fingerprint)).size).toBe(4);
  });

  test('takes stalls for alike whose lines differ, or the frames that the guilty one calls', () => {
    const tally = openTally();
    tally.add(STALLED_RUN, null);
    const moved = STALLED_RUN.evidence.map((evidence) => ({
      ...evidence,
      threads: evidence.threads.map((thread) => ({
        ...thread,
        frames: thread.frames
          .filter((frame) => frame.function !== 'wait')
          .map((frame) => (frame.function === 'run' ? { ...frame, line: 7 } : frame)),
      })),
    }));
    expect(tally.add({ ...STALLED_RUN, evidence: moved }, null)).toBe(false);
    expect(tally.read().soak.endings).toMatchObject([{ runs: 2 }]);
  });

  test('keeps a few runs whole, however many there are and however different they end', () => {
    const tally = openTally();
    for (let run = 0; run < 1000; run += 1) {
      tally.add(PASSED_RUN, null);
      tally.add(stallIn(`f${run}`), null);
    }
    tally.add({ ...PASSED_RUN, verdict: 'crashed', signal: 'SIGSEGV' }, null);
    const { runs, soak } = tally.read();
    expect(runs.length).toBeLessThan(20);
    expect(runs.map(({ verdict }) => verdict)).toContain('crashed');
    expect(soak).toMatchObject({ runs: 2001, stalls: 1000 });
  });

  test('leaves what did not pass out of the times, and the startup of the cold boot', () => {
    const tally = openTally();
    const timings = { startup: 900, run: 50, atexit: 4 };
    tally.add({ ...PASSED_RUN, boot: 'cold', timings }, null);
    tally.add({ ...PASSED_RUN, timings: { startup: 60, run: 52, atexit: 6 } }, null);
    tally.add(STALLED_RUN, null);
    const [series] = tally.read().soak.series;
    expect(series?.timings.startup).toMatchObject({ p50: 60, max: 60 });
    expect(series?.timings.run).toMatchObject({ p50: 50, p95: 52, max: 52, counts: { 50: 1, 52: 1 } });
    expect(series?.teardown).toMatchObject({ p50: 4, max: 6 });
  });

  test('of parts joined is that of all their runs', () => {
    const dice = random(7);
    const all = Array.from({ length: 60 }, (_, index): RunRecord => {
      if (dice() < 0.2) return stallIn(index % 2 === 0 ? 'alpha' : 'beta');
      return { ...PASSED_RUN, name: index % 3 === 0 ? 'a' : 'b', timings: { run: 50 + dice() * 9 } };
    });
    const whole = openTally();
    const joined = openTally();
    for (const run of all) whole.add(run, '3.12.1');
    for (const part of [all.slice(0, 20), all.slice(20, 25), all.slice(25)]) {
      const tally = openTally();
      for (const run of part) tally.add(run, '3.12.1');
      const { soak, runs } = tally.read();
      joined.join(soak, runs);
    }
    const byName = <T extends { readonly name: string }>(series: readonly T[]) =>
      series.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const [one, other] = [whole.read().soak, joined.read().soak];
    expect(byName(other.series)).toEqual(byName(one.series));
    expect({ ...other, series: [], endings: [] }).toEqual({ ...one, series: [], endings: [] });
    expect(other.endings.map(({ fingerprint, runs }) => [fingerprint, runs])).toEqual(
      one.endings.map(({ fingerprint, runs }) => [fingerprint, runs]),
    );
  });
});

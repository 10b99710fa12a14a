import { describe, expect, test } from 'vitest';
import { weighed } from '../../../src/job/layouts.ts';
import { annotations } from '../../../src/report/annotation.ts';
import { doesCount } from '../../../src/report/counting.ts';
import type { Layout, Report, RunRecord } from '../../../src/report/model.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { worstRun } from '../../../src/report/worst.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED, PASSED_RUN, STALL_EVIDENCE, STALLED_RUN } from './sample.ts';

const PLAIN = { color: false, width: 100, verbose: false } as const;
const ASKED_VENV = { builder: 'pex', layouts: ['venv'], onStall: 'fail' } as const;

const passed = (layout: Layout): RunRecord => ({ ...PASSED_RUN, layout });

function failed(layout: Layout): RunRecord {
  return { ...PASSED_RUN, layout, verdict: 'failed', reason: 'failed: exit code 3, expected 0', exitCode: 3 };
}

function stalled(layout: Layout, name: string, cause: string): RunRecord {
  const source = { path: `src/${name}.py`, line: 7, exact: true };
  const guilty = { function: name, file: `/x/${name}.py`, line: 7, source };
  const diagnosis = {
    cause,
    summary: `It waits for ${name}`,
    remedy: `Mend ${name}.`,
    guilty,
    motion: 'blocked',
  } as const;
  return { ...STALLED_RUN, name: PASSED_RUN.name, layout, evidence: [STALL_EVIDENCE], diagnosis };
}

/** As a check concludes, which ships what was asked for first. */
function reportOf(runs: readonly RunRecord[], wish = ASKED_VENV, soak: Report['soak'] = null): Report {
  const seen = weighed(wish, wish.layouts[0], { runs, soak });
  const worst = worstRun(seen.runs.filter(({ counts }) => counts !== false));
  const { verdict, phase } = worst ?? PASSED;
  const report = { ...PASSED, ...seen, verdict, phase, cause: worst?.diagnosis?.cause ?? null };
  return { ...report, summary: summarise(report) };
}

describe('a layout that was tried unasked and ends worse than the one that counts', () => {
  const report = reportOf([stalled('zipapp', 'boot', 'gil-drop-96387'), failed('venv')]);

  test('has no say in the verdict, and comes last in the sentence', () => {
    expect(report.verdict).toBe('failed');
    expect(report.summary).toBe(
      'venv failed in 1 of 1 run, zipapp in 0 of 1: exit code 3, expected 0; beside it zipapp stalled in 1 of 1 run, venv in 0 of 1 (gil-drop-96387).',
    );
  });

  test('lends the annotation neither its words nor its line', () => {
    const [annotation] = annotations(report);
    expect(annotation).toEqual({ title: 'exitproof: failed', message: report.summary });
  });

  test('is told after what counts, and as what it is', () => {
    for (const text of [renderTerminal(report, PLAIN), renderSummary(report)]) {
      expect(text.split('beside the verdict')).toHaveLength(2);
    }
    const lines = renderTerminal(report, PLAIN).split('\n');
    const at = (words: RegExp) => lines.findIndex((line) => words.test(line));
    expect(at(/\(venv, \w+\) .*failed after/)).toBeGreaterThan(0);
    expect(at(/\(zipapp, \w+, beside the verdict\) .*stalled after/)).toBeGreaterThan(at(/\(venv, /));
  });
});

describe('both layouts stall', () => {
  test('by the same cause: the counts tell it', () => {
    const report = reportOf([
      stalled('venv', 'poll', 'atexit-lock'),
      stalled('zipapp', 'poll', 'atexit-lock'),
    ]);
    expect(report.summary).toBe('venv stalled in 1 of 1 run, zipapp in 1 of 1: It waits for poll.');
  });

  test('by another one: what counts is told, the other is named', () => {
    const report = reportOf([stalled('zipapp', 'boot', 'del-io'), stalled('venv', 'poll', 'atexit-lock')]);
    expect(report).toMatchObject({ cause: 'atexit-lock' });
    expect(report.summary).toMatch(/^venv stalled .*: It waits for poll; beside it .* \(del-io\)\.$/u);
    expect(annotations(report)).toMatchObject([
      { file: 'src/poll.py', message: expect.stringContaining('Mend poll.') },
    ]);
    expect(annotations(report)[0]?.message).not.toContain('Mend boot.');
  });
});

test('each layout that was asked for counts', () => {
  const wish = { ...ASKED_VENV, layouts: ['venv', 'zipapp'] } as const;
  const seen = weighed(wish, 'venv', { runs: [passed('venv'), failed('zipapp')], soak: null });
  expect(seen.runs.some((run) => 'counts' in run)).toBe(false);
});

test('merged, a run stands for the verdict though its layout did not count on its own machine', () => {
  const beside = { ...stalled('zipapp', 'poll', 'atexit-lock'), counts: false } as const;
  const report = { ...PASSED, verdict: 'stalled', runs: [beside, passed('venv')] } as const;
  expect(summarise(report)).toMatch(/^zipapp stalled in 1 of 1 run, venv in 0 of 1: It waits for poll/u);
});

test('in a soak, too', () => {
  const tally = openTally();
  for (let run = 0; run < 10; run += 1) {
    tally.add(run < 2 ? failed('venv') : passed('venv'), null);
    tally.add(run < 3 ? stalled('zipapp', 'boot', 'del-io') : passed('zipapp'), null);
  }
  const { runs, soak } = tally.read();
  const report = reportOf(runs, ASKED_VENV, soak);
  expect(report.verdict).toBe('failed');
  expect(report.summary).toBe(
    'venv failed in 2 of 10 runs, zipapp in 0 of 10: exit code 3, expected 0; beside it zipapp stalled in 3 of 10 runs, venv in 0 of 10 (del-io).',
  );
  expect(renderTerminal(report, PLAIN)).toMatch(/✗ .*\(zipapp, beside the verdict\) +10 runs, 3 stalls/u);
});

test('a stall of what counts is none the less where the other layout took all places that a soak keeps', () => {
  const tally = openTally();
  const wish = { builder: 'pex', layouts: ['zipapp', 'venv'], onStall: 'use-venv' } as const;
  for (let way = 0; way < 10; way += 1) tally.add(stalled('zipapp', `way${way}`, `c${way}`), null);
  for (const name of ['poll', 'flush']) tally.add(stalled('venv', name, 'atexit-lock'), null);
  const { runs, soak } = tally.read();
  const seen = weighed(wish, 'venv', { runs, soak });
  expect(worstRun(seen.runs.filter(({ counts }) => counts !== false))?.verdict).toBe('stalled');
});

describe('a soak of which more endings are told apart than it keeps', () => {
  const ways = Array.from({ length: 12 }, (_, way) => stalled('venv', `way${way}`, `c${way}`));
  const phrase = /\(zipapp, beside the verdict\)/u;

  test('says all the same which layout is beside the verdict', () => {
    const tally = openTally();
    for (const run of [...ways, stalled('zipapp', 'boot', 'del-io')]) tally.add(run, null);
    const { runs, soak } = tally.read();
    expect(renderTerminal(reportOf(runs, ASKED_VENV, soak), PLAIN)).toMatch(phrase);
  });

  test('and not of one that counted on another machine', () => {
    const tally = openTally();
    for (const counts of [false, true]) {
      const part = openTally();
      const mark = (run: RunRecord): RunRecord => (counts ? run : { ...run, counts: false });
      for (let run = 0; run < 4; run += 1) part.add(mark(passed('zipapp')), null);
      part.add(mark(stalled('zipapp', 'boot', 'del-io')), null);
      const { runs, soak } = part.read();
      tally.join(soak, runs);
    }
    const { runs, soak } = tally.read();
    expect(runs.filter((run) => doesCount(run)).map(({ verdict }) => verdict)).toEqual(['passed', 'stalled']);
    expect(renderTerminal({ ...PASSED, verdict: 'stalled', runs, soak }, PLAIN)).not.toMatch(phrase);
  });
});

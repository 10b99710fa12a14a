import { describe, expect, test } from 'vitest';
import { annotations } from '../../../src/report/annotation.ts';
import type { Report, RunRecord } from '../../../src/report/model.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED, PASSED_RUN, STALL_EVIDENCE, STALLED, STALLED_RUN } from './sample.ts';

const PLAIN = { color: false, width: 90, verbose: false } as const;

function stalled(name: string, cause: string, line: number): RunRecord {
  const source = { path: 'src/app/work.py', line, exact: true };
  const guilty = { function: name, file: '/x/site-packages/app/work.py', line, source };
  return {
    ...STALLED_RUN,
    name,
    reason: 'stalled: its teardown took longer than 10 s; it is in threading-shutdown',
    evidence: [STALL_EVIDENCE],
    diagnosis: {
      cause,
      summary: `It waits for ${name}.`,
      remedy: cause === 'unknown' ? null : `Mend the ${cause}.`,
      guilty,
      motion: 'blocked',
    },
  };
}

function failed(name: string, exitCode: number): RunRecord {
  const reason = `failed: exit code ${exitCode}, expected 0`;
  return { ...PASSED_RUN, name, verdict: 'failed', reason, exitCode };
}

const LEAKED: RunRecord = {
  ...PASSED_RUN,
  name: 'serve',
  verdict: 'leaked',
  phase: 'descendants',
  reason: 'leaked: stdout still held 5 s after its end by process 9 (sleep)',
};

function reportOf(base: Report, runs: readonly RunRecord[]): Report {
  const report = { ...base, runs };
  return { ...report, summary: summarise(report) };
}

const MIXED = reportOf(STALLED, [
  PASSED_RUN,
  stalled('poll', 'nondaemon-thread', 3),
  stalled('flush', 'atexit-handler', 5),
  stalled('close', 'del-io', 7),
  failed('one', 3),
  failed('two', 4),
  LEAKED,
]);

const times = (text: string, words: string) => text.split(words).length - 1;

describe('runs that ended badly in several ways', () => {
  test('are counted with their causes, and no sentence of one stands for all', () => {
    expect(MIXED.summary).toBe(
      '3 runs of 7 stalled (nondaemon-thread, atexit-handler, del-io), 1 leaked, 2 failed.',
    );
  });

  test('those that ended alike are still one sentence', () => {
    const alike = [
      stalled('poll', 'nondaemon-thread', 3),
      stalled('poll', 'nondaemon-thread', 3),
      PASSED_RUN,
    ];
    expect(reportOf(STALLED, alike).summary).toBe('2 runs of 3 stalled: It waits for poll.');
    expect(reportOf(PASSED, [failed('a', 1), failed('b', 2)]).summary).not.toContain('exit code');
  });

  test('many causes are cut, and an unknown one is said to be unknown', () => {
    const runs = Array.from({ length: 7 }, (_, at) => stalled(`f${at}`, at === 0 ? 'unknown' : `c${at}`, at));
    expect(reportOf(STALLED, runs).summary).toBe(
      '7 runs of 7 stalled (cause unknown, c1, c2, c3, c4, 2 more).',
    );
    expect(reportOf(STALLED, [stalled('f', 'unknown', 1), stalled('g', 'unknown', 2)]).summary).toBe(
      '2 runs of 2 stalled.',
    );
  });

  test('several layouts are counted apart', () => {
    const zipapp = MIXED.runs.map((run) => ({ ...run, layout: 'zipapp' as const }));
    expect(reportOf(STALLED, [...zipapp, PASSED_RUN]).summary).toBe(
      'zipapp stalled in 3 of 7 runs, venv in 0 of 1 (nondaemon-thread, atexit-handler, del-io); zipapp leaked in 1 of 7 runs, venv in 0 of 1; zipapp failed in 2 of 7 runs, venv in 0 of 1.',
    );
  });

  test('the terminal tells what to change and where to look for each cause once', () => {
    const again = [stalled('poll', 'nondaemon-thread', 9), ...MIXED.runs];
    const text = renderTerminal(reportOf(STALLED, again), PLAIN);
    const next = text.slice(text.indexOf('  What to change'));
    for (const cause of ['nondaemon-thread', 'atexit-handler', 'del-io']) {
      expect(times(next, `Mend the ${cause}.`)).toBe(1);
      expect(times(next, `docs/causes.md#${cause} in exitproof's repository`)).toBe(1);
      expect(text.split('◀ stalled')).toHaveLength(4);
    }
    for (const line of [3, 5, 7, 9]) expect(times(next, `src/app/work.py:${line}\n`)).toBe(1);
  });

  test('what to change is bounded', () => {
    const runs = Array.from({ length: 40 }, (_, at) => stalled(`f${at}`, `c${at}`, at));
    const text = renderTerminal(reportOf(STALLED, runs), PLAIN);
    expect(times(text, 'Mend the ')).toBe(5);
    expect(times(text, 'this cause')).toBe(5);
  });

  test('so does the job summary', () => {
    const text = renderSummary(reportOf(STALLED, [stalled('poll', 'nondaemon-thread', 9), ...MIXED.runs]));
    for (const cause of ['nondaemon-thread', 'atexit-handler', 'del-io']) {
      expect(times(text, `Mend the ${cause}.`)).toBe(1);
    }
    const crowd = Array.from({ length: 9 }, (_, at) => stalled(`f${at}`, 'nondaemon-thread', at));
    expect(renderSummary(reportOf(STALLED, [...crowd, stalled('x', 'del-io', 3)]))).toContain(
      'Mend the del-io.',
    );
  });

  test('the annotation is one, about the worst, with the count', () => {
    expect(annotations(MIXED)).toEqual([
      {
        title: 'exitproof: stalled in threading-shutdown',
        message: `${MIXED.summary}\nIt waits for poll.\nMend the nondaemon-thread.`,
        file: 'src/app/work.py',
        startLine: 3,
      },
    ]);
  });

  test('a run in brief says how it ended, why, and at which line', () => {
    const text = renderTerminal(
      reportOf(STALLED, [...MIXED.runs, stalled('drain', 'queue-consumer', 11)]),
      PLAIN,
    );
    expect(text).toContain('failed: exit code 3, expected 0\n');
    expect(text).toContain('failed: exit code 4, expected 0\n');
    expect(text).toContain(
      'leaked in descendants: stdout still held 5 s after its end by process 9 (sleep)\n',
    );
    expect(text).toMatch(
      /✗ drain .*\n {4}stalled in threading-shutdown · queue-consumer: its teardown took[^▶]*\n {4}▶ drain {2}src\/app\/work\.py:11\n/u,
    );
  });
});

describe('the verdict and the reason', () => {
  test('a failure is told once, without a chart', () => {
    const report = reportOf({ ...PASSED, verdict: 'failed' }, [failed('one', 3)]);
    expect(report.summary).toBe('exit code 3, expected 0.');
    const text = renderTerminal(report, PLAIN);
    expect(times(text, 'exit code 3')).toBe(1);
    expect(text).toContain('    startup 62 ms · run 118 ms');
    expect(text).not.toContain('━');
    expect(times(renderSummary(report), 'exit code 3')).toBe(1);
  });

  test('are not said twice', () => {
    const one = reportOf({ ...PASSED, verdict: 'failed' }, [PASSED_RUN, failed('one', 1)]);
    expect(one.summary).toBe('1 run of 2 failed: exit code 1, expected 0.');
    const unstarted: RunRecord = {
      ...PASSED_RUN,
      verdict: 'not-started',
      reason: 'not started: x is a folder',
    };
    const report = reportOf({ ...PASSED, verdict: 'not-started' }, [unstarted]);
    expect(renderTerminal(report, PLAIN)).toMatch(/^✗ not-started\n {2}x is a folder\.\n/u);
  });
});

test('why nothing was built: one line of it sums up, the others stand below, none of them twice', () => {
  const failure = { message: 'The build failed:\n  ERROR: a\n  ERROR: b', hint: null };
  const blank: Report = {
    ...PASSED,
    verdict: 'not-built',
    build: null,
    cache: null,
    executable: null,
    failure,
  };
  const report = reportOf(blank, []);
  expect(report.summary).toBe('The build failed.');
  for (const text of [renderTerminal(report, PLAIN), renderSummary(report)]) {
    expect(text).not.toContain('\\n');
    for (const line of ['The build failed', 'ERROR: a', 'ERROR: b']) expect(times(text, line)).toBe(1);
  }
  expect(annotations(report)[0]?.message).toBe(failure.message);
});

test('a soak counts all its runs, not those that are kept', () => {
  const tally = openTally();
  const runs = [...MIXED.runs, stalled('poll', 'nondaemon-thread', 3), failed('one', 3)];
  for (const run of runs) tally.add({ ...run, name: 'app' }, null);
  const report = { ...STALLED, ...tally.read() };
  expect(summarise(report)).toMatch(
    /^4 of 9 runs stalled \(.* with 95 % confidence\) \(nondaemon-thread, (?:atexit-handler|del-io|, ){3}\); 1 leaked; 3 failed\.$/u,
  );
});

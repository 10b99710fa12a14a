import { expect, test } from 'vitest';
import { compare, type Finding, type Observation } from '../../../scripts/corpus/compare.ts';
import { type Facts, factsFor, parseExpectation } from '../../../scripts/corpus/expectation.ts';
import type { Evidence, RunRecord } from '../../../src/report/model.ts';

const where = { version: '3.12', phaseMayBeUnknown: false, methods: 'all' } as const;

const evidence: Evidence = {
  source: 'py-spy',
  pid: 7,
  role: 'main',
  command: 'python main.py',
  at: 6000,
  snapshot: 1,
  threads: [
    {
      name: 'worker',
      tid: 8,
      main: false,
      frames: [{ function: 'nap_forever', file: '/tmp/main.py', line: 4 }],
    },
  ],
};

const stalled: RunRecord = {
  name: 'run',
  argv: ['python', 'main.py'],
  layout: 'executable',
  verdict: 'stalled',
  phase: 'threading-shutdown',
  reason: 'stalled in threading-shutdown',
  exitCode: null,
  signal: null,
  pid: 7,
  timings: { run: 40, 'threading-shutdown': 5000 },
  duration: 5040,
  boot: 'warm',
  observer: 'probe',
  warnings: [],
  left: [],
  output: { head: '', tail: '', bytes: { stdout: 0, stderr: 0 } },
  evidence: [evidence],
  diagnosis: {
    cause: 'nondaemon-thread',
    summary: 'It stalled.',
    remedy: 'End it.',
    guilty: { function: 'nap_forever', file: '/tmp/main.py', line: 4, source: null },
    motion: 'blocked',
  },
};

const facts: Facts = {
  verdict: 'stalled',
  phase: 'threading-shutdown',
  guilty_function: 'nap_forever',
  guilty_file: 'main.py',
  named_by: { pyspy: 'all' },
  slugs: ['nondaemon-thread'],
};

function seen(run: Partial<RunRecord>, rest: Partial<Observation> = {}): Observation {
  return { run: { ...stalled, ...run }, ended: true, left: [], complaint: '', ...rest };
}

function misses(findings: readonly Finding[]): readonly string[] {
  return findings.filter((one) => one.miss !== null).map((one) => one.aspect);
}

test('a report that says all of it has no miss', () => {
  const findings = compare(facts, seen({}), where);
  expect(misses(findings)).toEqual([]);
  expect(findings.map((one) => one.aspect)).toEqual([
    'verdict',
    'clean',
    'phase',
    'evidence',
    'guilty',
    'cause',
  ]);
});

test.each<[string, Partial<RunRecord>]>([
  ['verdict', { verdict: 'failed' }],
  ['phase', { phase: 'atexit' }],
  ['phase', { phase: null }],
  ['evidence', { evidence: [] }],
  ['guilty', { diagnosis: null }],
])('one wrong thing is one miss: %s', (aspect, wrong) => {
  expect(misses(compare(facts, seen(wrong), where))).toContain(aspect);
});

test('a process that is left, or a guard that hangs, is not clean whatever the verdict', () => {
  expect(misses(compare(facts, seen({}, { left: ['python main.py'] }), where))).toEqual(['clean']);
  expect(misses(compare(facts, seen({}, { ended: false }), where))).toEqual(['clean']);
});

test('no report is a wrong verdict, with what was said', () => {
  const [verdict] = compare(facts, { run: null, ended: true, left: [], complaint: 'oops' }, where);
  expect(verdict).toEqual({ aspect: 'verdict', miss: 'no report: oops' });
});

test('another function that is right too is accepted', () => {
  const other = { ...facts, guilty_function: 'reap', also_accept_guilty: ['nap_forever'] };
  expect(misses(compare(other, seen({}), where))).toEqual([]);
});

test('the function of a child must stand on a descendant', () => {
  const child: Facts = { ...facts, guilty_process: 'child' };
  expect(misses(compare(child, seen({}), where))).toEqual(['evidence']);
  const onChild = { evidence: [{ ...evidence, role: 'descendant' as const }] };
  expect(misses(compare(child, seen(onChild), where))).toEqual([]);
});

test('a needle that is a pattern finds a native frame', () => {
  const native: Facts = {
    ...facts,
    guilty_file: 'sleep',
    guilty_function: 'clock_nanosleep',
    stack_needle: 're:^nap_',
  };
  expect(misses(compare(native, seen({}), where))).toEqual([]);
});

test('the holder of a lock must be in the evidence as well', () => {
  expect(misses(compare({ ...facts, holder_function: 'hold_forever' }, seen({}), where))).toEqual(['holder']);
});

test('what no method can name on this version is not asked for', () => {
  const unnamed: Facts = { ...facts, named_by: { gdb: ['3.8'] } };
  const blind = seen({ evidence: [], diagnosis: null });
  expect(misses(compare(unnamed, blind, where))).toEqual([]);
});

test('without the probe an unknown phase is no miss, a wrong one is', () => {
  const dim = { ...where, phaseMayBeUnknown: true };
  expect(misses(compare(facts, seen({ phase: null }), dim))).toEqual([]);
  expect(misses(compare(facts, seen({ phase: 'atexit' }), dim))).toEqual(['phase']);
});

test('the exit code and the signal are part of the verdict', () => {
  const failed = seen({ verdict: 'failed', phase: null, exitCode: 1 });
  expect(misses(compare({ verdict: 'failed', exit_code: 3 }, failed, where))).toEqual(['verdict']);
  const crashed = seen({ verdict: 'crashed', signal: 'SIGSEGV' });
  expect(misses(compare({ verdict: 'crashed', signal: 'SIGABRT' }, crashed, where))).toEqual(['verdict']);
});

test('a cause is asked for where the phase is known', () => {
  const unknown = { cause: 'unknown', summary: '', remedy: null, guilty: null, motion: null };
  const blind = seen({ phase: null, diagnosis: unknown });
  const wrong = (phaseMayBeUnknown: boolean) =>
    misses(compare(facts, blind, { ...where, phaseMayBeUnknown }));
  expect(wrong(true)).toEqual(['guilty']);
  expect(wrong(false)).toEqual(['phase', 'guilty', 'cause']);
});

test('a stall with its cause, but with nothing to do about it, is a miss of the cause', () => {
  const { diagnosis } = stalled;
  if (diagnosis === null) throw new Error('the sample has a diagnosis');
  const silent = seen({ diagnosis: { ...diagnosis, remedy: null } });
  expect(misses(compare(facts, silent, where))).toEqual(['cause']);
});

test('the time of a slow phase must be counted to it', () => {
  const slow: Facts = { verdict: 'passed', slow_phase: 'atexit', duration_s: 2 };
  const passed = { verdict: 'passed', phase: null } as const;
  expect(misses(compare(slow, seen({ ...passed, timings: { atexit: 2010 } }), where))).toEqual([]);
  expect(misses(compare(slow, seen({ ...passed, timings: { run: 2010 } }), where))).toEqual(['timing']);
  const sampled = (atexit: number) =>
    seen({ ...passed, observer: 'sampler', timings: { run: 1000, atexit } });
  expect(misses(compare(slow, sampled(1010), where))).toEqual([]);
  expect(misses(compare(slow, sampled(0), where))).toEqual(['timing']);
  const blind = seen({ ...passed, observer: 'none', timings: {} });
  expect(misses(compare(slow, blind, where))).toEqual(['timing']);
  expect(misses(compare(slow, blind, { ...where, phaseMayBeUnknown: true }))).toEqual([]);
});

test('a version overrides a launcher, a launcher overrides the case', () => {
  const expectation = parseExpectation(
    JSON.stringify({
      verdict: 'stalled',
      phase: 'run',
      launcher: { script: { phase: 'run' }, 'zip,-m,pex': { verdict: 'crashed', phase: 'finalization' } },
      per_python: { '3.8': { phase: 'atexit' } },
    }),
  );
  expect(factsFor(expectation, '3.12', 'script')).toEqual({ verdict: 'stalled', phase: 'run' });
  expect(factsFor(expectation, '3.12', 'pex')).toEqual({ verdict: 'crashed', phase: 'finalization' });
  expect(factsFor(expectation, '3.8', 'pex')).toEqual({ verdict: 'crashed', phase: 'atexit' });
});

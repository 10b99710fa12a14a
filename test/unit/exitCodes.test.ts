import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/exitCodes.ts';
import { PASSED, PASSED_RUN, STALLED, STALLED_RUN } from './report/sample.ts';

test.for([
  [PASSED, null, 'fail', 0],
  [STALLED, null, 'fail', 1],
  [STALLED, null, 'use-venv', 1],
  [STALLED, null, 'warn', 0],
  [{ ...PASSED, verdict: 'failed' }, null, 'warn', 1],
  [{ ...PASSED, verdict: 'not-built' }, null, 'fail', 3],
  [{ ...PASSED, verdict: 'cancelled' }, 'SIGINT', 'warn', 130],
  [{ ...PASSED, verdict: 'cancelled' }, 'SIGTERM', 'warn', 143],
  [{ ...PASSED, verdict: 'cancelled' }, 'SIGHUP', 'warn', 129],
] as const)('%#: a verdict, a signal and on-stall give the exit code', ([report, signal, onStall, code]) => {
  expect(exitCodeOf(report, signal, onStall)).toBe(code);
});

test.for(['crashed', 'failed', 'leaked', 'not-started'] as const)(
  'a stall that is allowed allows no run that %s beside it',
  (verdict) => {
    const report = { ...STALLED, runs: [STALLED_RUN, PASSED_RUN, { ...PASSED_RUN, verdict }] };
    expect(exitCodeOf(report, null, 'warn')).toBe(1);
  },
);

test('a run that does not count forbids nothing', () => {
  const beside = { ...PASSED_RUN, layout: 'zipapp', verdict: 'crashed', counts: false } as const;
  expect(exitCodeOf({ ...STALLED, runs: [STALLED_RUN, beside] }, null, 'warn')).toBe(0);
});

import { describe, expect, test } from 'vitest';
import { judge, type Outcome } from '../../../src/watch/verdict.ts';

const deadlines = { startup: 60_000, run: 90_000, teardown: 10_000, drain: 5000, grace: 2000 };
const expectation = { exitCode: 0, output: null };
const exited = {
  kind: 'exited',
  exitCode: 0,
  signal: null,
  phase: 'native-exit',
  lastSeen: null,
  python: true,
  output: '',
} as const;
const holder = {
  stat: { pid: 7, startTime: '1', parent: 1, group: 7, session: 7, state: 'S' },
  command: 'sleep 600',
  holds: ['stderr'],
} as const;

describe('the words of a verdict are derived from the facts', () => {
  test.each<[Outcome, string, string | null, string]>([
    [exited, 'passed', null, 'passed: exit code 0'],
    [{ ...exited, exitCode: 3 }, 'failed', null, 'failed: exit code 3, expected 0'],
    [
      { ...exited, exitCode: null, signal: 'SIGSEGV', phase: 'finalization' },
      'crashed',
      'finalization',
      'crashed: ended by SIGSEGV in finalization',
    ],
    [
      { ...exited, exitCode: null, signal: 'SIGKILL', phase: null },
      'crashed',
      null,
      'crashed: ended by SIGKILL',
    ],
    [
      { ...exited, exitCode: null, signal: 'SIGKILL', phase: null, lastSeen: 'run' },
      'crashed',
      null,
      'crashed: ended by SIGKILL; it was last seen in run',
    ],
    [
      { ...exited, exitCode: 127, python: false },
      'not-started',
      null,
      'not started: exit code 127, command or interpreter not found',
    ],
    [{ ...exited, exitCode: 127 }, 'failed', null, 'failed: exit code 127, expected 0'],
    [{ kind: 'not-started', why: 'x is a folder' }, 'not-started', null, 'not started: x is a folder'],
    [
      { kind: 'stalled', deadline: 'teardown', phase: 'atexit' },
      'stalled',
      'atexit',
      'stalled: its teardown took longer than 10 s; it is in atexit',
    ],
    [
      { kind: 'stalled', deadline: 'run', phase: null },
      'stalled',
      null,
      'stalled: still running after 90 s; its phase is unknown',
    ],
    [
      { kind: 'stalled', deadline: 'startup', phase: 'startup' },
      'stalled',
      'startup',
      'stalled: its startup took longer than 60 s',
    ],
    [
      { kind: 'leaked', holders: [holder, holder] },
      'leaked',
      'descendants',
      'leaked: stderr still held 5 s after its end by process 7 (sleep 600) and 1 more',
    ],
    [
      { kind: 'leaked', holders: [] },
      'leaked',
      'descendants',
      'leaked: its output is still held 5 s after its end, by a holder that is not visible (another container?)',
    ],
    [{ kind: 'cancelled', by: 'SIGTERM', phase: 'run' }, 'cancelled', 'run', 'cancelled by SIGTERM in run'],
  ])('%j', (outcome, verdict, phase, reason) => {
    expect(judge(outcome, { expect: expectation, deadlines, secrets: [] })).toEqual({
      verdict,
      phase,
      reason,
    });
  });

  test('an expectation is met or not, however often it is asked', () => {
    const asked = { expect: { exitCode: 3, output: /done/g }, deadlines, secrets: [] };
    const outcome = { ...exited, exitCode: 3, output: 'all done' };
    expect([1, 2, 3].map(() => judge(outcome, asked).verdict)).toEqual(['passed', 'passed', 'passed']);
    expect(judge({ ...outcome, output: 'all' }, asked).verdict).toBe('failed');
  });

  test.each([
    ['', 'it printed nothing to stdout'],
    ['\n \n', 'it printed nothing to stdout'],
    ['first\nsecond\r\n\n', 'its last line is “second”'],
    ['key s3cr3t-word\u001b[31m', 'its last line is “key ***\\x1b[31m”'],
    ['key=  s3cr3t-word', 'its last line is “key=***”'],
    ['  padded one\n', 'its last line is “***”'],
    ['x'.repeat(500), `its last line is “${'x'.repeat(119)}…”`],
  ])('output that is not as expected is told by its last line: %j', (output, got) => {
    const asked = {
      expect: { exitCode: 0, output: /done/ },
      deadlines,
      secrets: ['s3cr3t-word', '  padded one', '  s3cr3t-word'],
    };
    expect(judge({ ...exited, output }, asked).reason).toBe(
      `failed: its output doesn't match /done/: ${got}`,
    );
  });
});

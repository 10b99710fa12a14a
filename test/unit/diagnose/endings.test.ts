import { describe, expect, test } from 'vitest';
import { causeDocs } from '../../../src/diagnose/causeDocs.ts';
import { CAUSES } from '../../../src/diagnose/causes.ts';
import { type DiagnosisRequest, diagnose } from '../../../src/diagnose/diagnose.ts';
import { affectedBy96387 } from '../../../src/diagnose/knownBugs.ts';
import { lastException, lastTraceback } from '../../../src/diagnose/traceback.ts';
import { PASSED_RUN } from '../report/sample.ts';
import { recorded, requestOf } from './recorded.ts';

const TRACEBACK = `Traceback (most recent call last):
  File "/x/old.py", line 1, in <module>
ValueError

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 30, in <module>
    main()
  File "/app/main.py", line 12, in main
    json.loads(text)
  File "/usr/lib/python3.12/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
json.decoder.JSONDecodeError: Expecting value
`;

function ended(verdict: 'failed' | 'crashed', reason: string, head: string): DiagnosisRequest {
  const { diagnosis: _, ...run } = PASSED_RUN;
  const output = { head, tail: '', bytes: { stdout: 0, stderr: head.length } };
  return {
    run: { ...run, verdict, reason, output },
    motion: null,
    awaited: null,
    python: null,
    project: null,
    packagerFiles: [],
  };
}

describe('runs that ended by themselves, but not well', () => {
  test('a traceback names the innermost line of the user', () => {
    expect(diagnose(ended('failed', 'exit code 1, expected 0', TRACEBACK))).toMatchObject({
      cause: 'unknown',
      summary: 'exit code 1, expected 0, in main(): json.decoder.JSONDecodeError: Expecting value.',
      guilty: { function: 'main', file: '/app/main.py', line: 12, source: null },
    });
  });

  test.each([
    ['RuntimeError: boom\nmore of it\n', 'RuntimeError: boom'],
    ['KeyboardInterrupt\n', 'KeyboardInterrupt'],
    ['queue.empty\n', 'queue.empty'],
    ['ValueError: \u001b[2J\u202ex\n', 'ValueError: \\x1b[2J\\u{202e}x'],
    [`ValueError: ${'x'.repeat(9000)}`, `ValueError: ${'x'.repeat(187)}…`],
    ['done\n', null],
    ['', null],
  ])('a traceback names its exception: %j', (last, exception) => {
    const frames = '  File "/a.py", line 3, in main\n    raise\n    ^^^^^\n';
    expect(lastException(`hi\nTraceback (most recent call last):\n${frames}${last}`)).toBe(exception);
  });

  test('what a thread or a finalizer raised ended nothing', () => {
    for (const before of [
      'Exception in thread Thread-1 (f):',
      'Exception ignored in: <function X.__del__>',
    ]) {
      const text = `${before}\nTraceback (most recent call last):\n  File "/a.py", line 3, in f\nOSError: x\n`;
      expect(lastException(text)).toBeNull();
    }
    expect(lastException('no traceback')).toBeNull();
  });

  test('without one, a failure has none and a crash its reason', () => {
    expect(diagnose(ended('failed', 'exit code 3, expected 0', 'bye\n'))).toBeNull();
    expect(diagnose(ended('crashed', 'killed by SIGKILL', ''))).toMatchObject({
      summary: 'killed by SIGKILL.',
      guilty: null,
    });
  });

  test('a fatal error lists its frames the other way round', () => {
    const text =
      'Fatal Python error: Segmentation fault\n\nCurrent thread 0x7f (most recent call first):\n  File "/a.py", line 3 in __del__\n  File "/a.py", line 9 in <module>\n';
    expect(lastTraceback(text).map((frame) => `${frame.function}:${frame.line}`)).toEqual([
      '__del__:3',
      '<module>:9',
    ]);
  });

  test('endless lines take no endless time', () => {
    const text = `Traceback (most recent call last):\n${'  File "'.repeat(50_000)}`;
    expect(lastTraceback(text)).toEqual([]);
  });
});

test.each([
  [[3, 8, 18], false],
  [[3, 9, 0], true],
  [[3, 9, 25], true],
  [[3, 10, 7], true],
  [[3, 10, 8], false],
  [[3, 11, 0], true],
  [[3, 11, 1], false],
  [[3, 12, 0], false],
  [[4, 9, 0], false],
] as const)('Python %j has CPython issue 96387: %s', (version, affected) => {
  expect(affectedBy96387([...version])).toBe(affected);
});

describe('the docs of the causes', () => {
  test('have a section for each slug, with what to change', () => {
    const docs = causeDocs();
    for (const { slug, about } of CAUSES) {
      expect(docs).toContain(`\n## ${slug}\n`);
      expect(docs).toContain(about);
    }
    expect(docs.match(/\*\*What to change\*\*/gu)?.length).toBe(
      new Set(CAUSES.map(({ slug, remedy }) => slug + remedy)).size,
    );
    expect((docs.match(/^```/gmu)?.length ?? 0) % 2).toBe(0);
  });

  test('slugs are what the contract names', () => {
    for (const { slug, remedy, about } of CAUSES) {
      expect(slug).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u);
      expect(remedy.length).toBeGreaterThan(40);
      expect(about).toMatch(/\.$/u);
    }
  });
});

test('a foreign process that holds the output is named by its command, not by a line of the C library', () => {
  const request = requestOf(recorded('descendant_native'), null);
  const frames = [
    { function: '__GI___clock_nanosleep', file: '../sysdeps/unix/sysv/linux/clock_nanosleep.c', line: 71 },
    { function: 'main', file: '/usr/bin/sleep', line: null },
  ].map((frame) => ({ ...frame, native: true }));
  const [first, ...rest] = request.run.evidence;
  if (first === undefined) throw new Error('the recording has no evidence');
  const { error: _, ...refused } = first;
  const thread = { main: true, name: null, tid: refused.pid, frames };
  const evidence = [{ ...refused, source: 'gdb', threads: [thread] } as const, ...rest];
  const diagnosis = diagnose({ ...request, run: { ...request.run, evidence } });
  expect(diagnosis?.cause).toBe('pipe-holder');
  expect(diagnosis?.summary).toContain('(sleep 1800) still holds stdout open');
  expect(diagnosis?.summary).not.toContain('nanosleep');
});

test('a thread that sleeps and was met awake is not said to spin where no processor time was used', () => {
  const request = requestOf(recorded('thread_busy_loop'), null);
  expect(diagnose({ ...request, motion: 'spinning' })?.cause).toBe('thread-spins');
  expect(diagnose({ ...request, motion: 'blocked' })?.cause).toBe('nondaemon-thread');
});

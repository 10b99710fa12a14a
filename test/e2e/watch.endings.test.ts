import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { python } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

const NO_LOOKING = { pySpy: null, pystack: null, gdb: null, missing: 'left out by this test' };

function script(text: string): string {
  const path = join(temporaryFolder('script'), 'program');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

describe.concurrent('an ending by the program itself', () => {
  test('a clean one passes and has its time in every phase', async (context) => {
    const run = await watched([somePython(context), '-c', 'print("hi")']);
    expect(run).toMatchObject({ verdict: 'passed', phase: null, exitCode: 0, observer: 'probe', left: [] });
    expect(run.output).toEqual({ head: 'hi\n', tail: '', bytes: { stdout: 3, stderr: 0 } });
    expect(Object.keys(run.timings)).toEqual(expect.arrayContaining(['startup', 'run', 'finalization']));
    expect(run.evidence).toEqual([]);
  });

  test('another exit code than expected fails', async (context) => {
    const run = await watched([somePython(context), '-c', 'raise SystemExit(3)']);
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 3, reason: 'failed: exit code 3, expected 0' });
    const expected = await watched([somePython(context), '-c', 'raise SystemExit(3)'], {
      expect: { exitCode: 3, output: null },
    });
    expect(expected.verdict).toBe('passed');
  });

  test('output that is not as expected fails', async (context) => {
    const says = (output: RegExp) =>
      watched([somePython(context), '-c', 'print("version 1.2")'], { expect: { exitCode: 0, output } });
    expect((await says(/version \d/g)).verdict).toBe('passed');
    expect(await says(/version 2/)).toMatchObject({
      verdict: 'failed',
      reason: "failed: its output doesn't match /version 2/: its last line is “version 1.2”",
    });
  });

  test.for<[string, string, string]>([
    ['SIGABRT', 'run', 'import os; os.abort()'],
    ['SIGKILL', 'atexit', 'import atexit, os; atexit.register(os.kill, os.getpid(), 9)'],
  ])('a signal is a crash: %s in %s', async ([signal, phase, code], context) => {
    const run = await watched([somePython(context), '-c', code]);
    expect(run).toMatchObject({ verdict: 'crashed', signal, phase, exitCode: null });
  });

  test('a teardown over its budget warns', async (context) => {
    const code = 'import atexit, time; atexit.register(time.sleep, 0.2)';
    const run = await watched([somePython(context), '-c', code], { teardownBudget: 100 });
    expect(run.verdict).toBe('passed');
    expect(run.warnings).toEqual([expect.stringContaining('over its budget of 100 ms')]);
  });

  test('one that comes while it is looked at is judged by its exit, and called slow', async (context) => {
    const looked = join(temporaryFolder('slow'), 'looked');
    const code =
      'import atexit, os, sys, time\n' +
      '@atexit.register\n' +
      'def leave():\n' +
      '    while not os.path.exists(sys.argv[1]): time.sleep(0.01)';
    const run = await watched([somePython(context), '-c', code, looked], {
      deadlines: { ...SHORT, teardown: 900 },
      tools: async () => NO_LOOKING,
      onEvent: (event) => {
        if (event.kind === 'deadline') writeFileSync(looked, '');
      },
    });
    expect(run.verdict).toBe('passed');
    expect(run.warnings).toEqual([expect.stringMatching(/^slow: its teardown deadline/)]);
    expect(run.evidence).not.toEqual([]);
  });
});

describe.concurrent('a stall', () => {
  for (const version of ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14']) {
    test.for(['run', 'threading-shutdown', 'atexit', 'finalization', 'native-exit'])(
      `is told by its phase on Python ${version}: %s`,
      async (phase, context) => {
        const path = need(context, `Python ${version}`, python(version));
        const run = await watched([path, program('stall.py'), phase]);
        expect(run).toMatchObject({ verdict: 'stalled', phase, exitCode: null, signal: null, left: [] });
        expect(run.output.head).toBe('work done\n');
        if (phase === 'native-exit') return;
        const functions = run.evidence.flatMap(({ threads }) => threads.flatMap(({ frames }) => frames));
        expect(functions.map((frame) => frame.function)).toContain('linger');
      },
    );
  }

  test.for(['run', 'threading-shutdown', 'atexit', 'finalization', 'native-exit'])(
    'is told by samples where no probe reaches: %s',
    async (phase, context) => {
      const run = await watched([somePython(context), '-I', '-S', program('stall.py'), phase], {
        deadlines: { ...SHORT, run: 6000 },
        observer: 'sampler',
      });
      expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'sampler' });
    },
  );

  test('without marks and tools has no phase rather than a wrong one', async (context) => {
    const run = await watched([somePython(context), '-I', '-S', program('stall.py'), 'atexit'], {
      tools: async () => NO_LOOKING,
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase: null, observer: 'none' });
  });

  test('has its verdict whatever the tools do: one hangs, one fails, one is not there', async (context) => {
    const run = await watched([somePython(context), program('stall.py'), 'atexit'], {
      tools: async () => ({
        pySpy: script('#!/bin/sh\nexec sleep 600\n'),
        pystack: script('#!/bin/sh\necho broken >&2; exit 3\n'),
        gdb: null,
        missing: null,
      }),
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit', left: [] });
    const errors = (source: string) =>
      run.evidence.filter((each) => each.source === source).map(({ error }) => error);
    expect(errors('py-spy')).toContainEqual(expect.any(String));
    expect(errors('pystack')).toContainEqual(expect.stringContaining('broken'));
    const dumped = run.evidence.find(({ source }) => source === 'faulthandler');
    expect(dumped?.threads.flatMap(({ frames }) => frames)).toContainEqual(
      expect.objectContaining({ function: 'linger' }),
    );
  });

  test('has its verdict though the tools can’t be installed', async (context) => {
    const run = await watched([somePython(context), program('stall.py'), 'atexit'], {
      tools: () => Promise.reject(new Error('the index is away')),
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit' });
    expect(run.evidence.map(({ error }) => error)).toContain('the index is away');
  });

  test('of what isn’t Python is one in its run', async () => {
    const run = await watched(['sleep', '600'], { deadlines: { ...SHORT, run: 500 } });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'run' });
  });

  test('behind a shell is that of the Python that it waits for', async (context) => {
    const command = '"$0" "$1" threading-shutdown; true';
    const run = await watched(['sh', '-c', command, somePython(context), program('stall.py')]);
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'threading-shutdown', observer: 'probe' });
  });
});

describe.concurrent('what could not be started says why', () => {
  test.for<[string, () => readonly string[], RegExp]>([
    ['nothing of that name', () => ['no-such-command-anywhere'], /no such file or command/],
    [
      'an interpreter that is missing',
      () => [script('#!/no/such/python\n')],
      /\/no\/such\/python, which doesn't exist/,
    ],
    [
      'an interpreter that env looks for in vain',
      () => [script('#!/usr/bin/env no-such-python\n')],
      /exit code 127/,
    ],
    ['a file without a format', () => [script('print("hi")\n')], /exec format error/],
    ['an empty file', () => [script('')], /exec format error/],
    ['a folder', () => [temporaryFolder()], /is a folder/],
    ['a file that may not be executed', () => [program('stall.py')], /not executable/],
    ['a shell that finds no command', () => ['sh', '-c', 'no-such-command-anywhere'], /exit code 127/],
  ])('%s', async ([, argv, reason]) => {
    const run = await watched(argv());
    expect(run).toMatchObject({ verdict: 'not-started', phase: null });
    expect(run.reason).toMatch(reason);
  });

  test('but 127 from a Python that ran is its own', async (context) => {
    const run = await watched([somePython(context), '-c', 'raise SystemExit(127)']);
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 127 });
  });
});

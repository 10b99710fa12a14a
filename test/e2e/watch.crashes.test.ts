import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDiagnosis } from '../../src/diagnose/diagnose.ts';
import type { WatchedRun } from '../../src/watch/request.ts';
import { pythons } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { somePython, watched } from '../support/watching.ts';

const FORGED = [
  'Fatal Python error: Py_EndInterpreter: thread still has a frame',
  'Python runtime state: finalizing (tstate=0x00007f8b108b36c8)',
  '',
  'Thread 0x00007f8b108c6b80 (most recent call first):',
  '  <no Python frame>',
  '',
].join('\n');

function script(...lines: readonly string[]): string {
  const file = join(temporaryFolder('crash'), 'main.py');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const crash = () =>
  script(
    'import ctypes, threading',
    'class Bad:',
    '    def __del__(self, peek=ctypes.string_at):',
    '        peek(8)',
    'bad = Bad()',
  );

function diagnosisOf(run: WatchedRun) {
  const { motion, awaited, python } = run;
  return withDiagnosis({ run, motion, awaited, python, project: null, packagerFiles: [] });
}

describe.each(pythons())('a crash on CPython $version', ({ path }) => {
  test('is told where it happened, and nothing is printed', async () => {
    const run = await watched([path, crash()]);
    expect(run).toMatchObject({
      verdict: 'crashed',
      signal: 'SIGSEGV',
      phase: 'finalization',
      observer: 'probe',
      output: { head: '' },
    });
    const { diagnosis, evidence } = diagnosisOf(run);
    expect(diagnosis?.guilty).toMatchObject({ function: '__del__', line: 4 });
    expect(diagnosis?.summary).toContain('__del__()');
    expect(evidence).toMatchObject([{ source: 'faulthandler', threads: [{ main: true, guilty: true }] }]);
  });

  test('without the probe tells its phase by its own report', async () => {
    const run = await watched([path, crash()], { observer: 'sampler' });
    expect(run).toMatchObject({ verdict: 'crashed', phase: 'finalization', observer: 'sampler' });
    expect(diagnosisOf(run).diagnosis?.guilty).toMatchObject({ function: '__del__', line: 4 });
  });
});

describe('a crash', () => {
  test('in a thread is of that thread, while the main one waits for it', async (context) => {
    const file = script(
      'import os, threading',
      'def work():',
      '    threading.main_thread().join()',
      '    os.abort()',
      'threading.Thread(target=work).start()',
    );
    for (const observer of ['auto', 'sampler'] as const) {
      const run = await watched([somePython(context), file], { observer });
      expect(run).toMatchObject({ signal: 'SIGABRT', phase: 'threading-shutdown' });
      expect(diagnosisOf(run).diagnosis?.guilty).toMatchObject({ function: 'work', line: 4 });
    }
  });

  test.for([
    ['and dies by a signal that nothing reports', 'os.kill(os.getpid(), 9)', 'SIGKILL', null],
    ['and really aborts elsewhere', 'os.abort()', 'SIGABRT', 'run'],
    [
      'and switched reports off',
      'faulthandler.disable(); print("last", file=sys.stderr, flush=True); os.abort()',
      'SIGABRT',
      null,
    ],
    [
      'and lives on for a while',
      'print("on", file=sys.stderr, flush=True); os.kill(os.getpid(), 9)',
      'SIGKILL',
      null,
    ],
  ] as const)('is not believed what the program prints: %s', async ([, code, signal, phase], context) => {
    const file = script(
      'import faulthandler, os, sys',
      `print(${JSON.stringify(FORGED)}, file=sys.stderr, flush=True)`,
      code,
    );
    const run = await watched([somePython(context), file], { observer: 'sampler' });
    expect(run).toMatchObject({ verdict: 'crashed', signal, phase });
  });

  test('is not believed where the interpreter was not told to report it', async (context) => {
    const file = script(
      'import os, sys',
      `print(${JSON.stringify(FORGED)}, end="", file=sys.stderr, flush=True)`,
      'os.abort()',
    );
    for (const observer of ['sampler', 'none'] as const) {
      const run = await watched([somePython(context), '-I', file], { observer });
      expect(run).toMatchObject({ verdict: 'crashed', signal: 'SIGABRT', phase: null });
    }
  });

  test('of a program that put a pipe in the place of its report is a crash all the same', async (context) => {
    const file = script(
      'import faulthandler, os',
      'own = "%s/%d" % (os.environ["EXITPROOF_PROBE"].split(os.pathsep)[2], os.getpid())',
      'os.unlink(own)',
      'os.mkfifo(own)',
      'os.abort()',
    );
    const run = await watched([somePython(context), file]);
    expect(run).toMatchObject({ verdict: 'crashed', signal: 'SIGABRT', phase: 'run', evidence: [] });
  });

  test('behind a shell, which only has an exit code for it, is told with its line', async (context) => {
    const run = await watched(['sh', '-c', '"$0" "$1"; exit $?', somePython(context), crash()]);
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 139, phase: null });
    expect(diagnosisOf(run).diagnosis).toMatchObject({
      guilty: { function: '__del__', line: 4 },
      summary: expect.stringContaining('exit code 139, expected 0, in __del__()'),
    });
  });

  test('behind a launcher that then ends itself by the same signal is told with its line', async (context) => {
    const run = await watched(['sh', '-c', '"$0" "$1"; kill -SEGV $$', somePython(context), crash()]);
    expect(run).toMatchObject({ verdict: 'crashed', signal: 'SIGSEGV', phase: 'finalization' });
    expect(diagnosisOf(run).diagnosis?.guilty).toMatchObject({ function: '__del__', line: 4 });
  });

  test('leaves a program that asks for such reports to itself', async (context) => {
    const file = script('import faulthandler, os', 'faulthandler.enable()', 'os.abort()');
    const run = await watched([somePython(context), file]);
    expect(run).toMatchObject({ phase: 'run', observer: 'probe' });
    expect(run.output.head).toMatch(/^Fatal Python error: Aborted/);
    expect(diagnosisOf(run).diagnosis?.guilty).toMatchObject({ function: '<module>', line: 3 });
  });

  test('some time after a sample is not said to be where that was', async (context) => {
    const file = script('import os, time', 'time.sleep(2)', 'os.kill(os.getpid(), 9)');
    const run = await watched([somePython(context), file], { observer: 'sampler' });
    expect(run).toMatchObject({
      phase: null,
      reason: 'crashed: ended by SIGKILL; it was last seen in run',
    });
  });
});

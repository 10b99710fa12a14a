import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { NO_TOOLS } from '../../src/evidence/tools.ts';
import { python } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

const LONG = { ...SHORT, run: 9000 };

describe('what looks like an end and is none', () => {
  test('is a run: the exit handlers were run by hand', async (context) => {
    const code = 'import atexit, time; atexit._run_exitfuncs(); time.sleep(600)';
    const run = await watched([somePython(context), '-c', code]);
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'run', observer: 'probe' });
  });

  for (const version of ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13']) {
    test(`is a run: a subinterpreter has ended, on Python ${version}`, async (context) => {
      const path = need(context, `Python ${version}`, python(version));
      const run = await watched([path, program('subinterpreter.py')]);
      expect(run).toMatchObject({ verdict: 'stalled', phase: 'run', output: { head: 'destroyed\n' } });
    });
  }
});

describe('a program that puts away what the probe writes by', () => {
  test.for(['setuid', 'chroot', 'no-descriptors'])(
    'is told by its marks all the same: %s',
    async (way, context) => {
      const isRoot = process.getuid?.() === 0;
      if (way !== 'no-descriptors' && !isRoot) context.skip(`${way}: only root can`);
      const run = await watched([somePython(context), program('hinder.py'), way, 'finalization']);
      expect(run).toMatchObject({ verdict: 'stalled', phase: 'finalization', observer: 'probe' });
    },
  );

  test.for([
    ['no-file-size', 'threading-shutdown'],
    ['no-file-size', 'atexit'],
    ['all-closed', 'finalization'],
    ['all-closed', 'native-exit'],
  ] as const)('is told by samples where no mark can be written: %s, %s', async ([way, phase], context) => {
    const run = await watched([somePython(context), program('hinder.py'), way, phase], { deadlines: LONG });
    expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'sampler' });
  });

  test('is told by samples where the function that the first mark hangs on is replaced', async (context) => {
    const code =
      'import atexit, threading, time; threading._shutdown = lambda: None; atexit.register(time.sleep, 600)';
    const run = await watched([somePython(context), '-c', code], { deadlines: LONG });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit', observer: 'sampler' });
  });
});

/** A command that starts another in a pid namespace of its own; null where the system grants none. */
function inPidNamespace(...more: readonly string[]): readonly string[] | null {
  const unshare = ['unshare', '--pid', '--fork', '--kill-child', ...more];
  const allowed = [unshare, [...unshare, '--user', '--map-root-user']];
  return (
    allowed.find(([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0) ?? null
  );
}

for (const [where, more] of [
  ['', []],
  [' with a /proc of its own', ['--mount-proc']],
] as const) {
  test.for(['run', 'threading-shutdown', 'finalization', 'native-exit'])(
    `marks from a pid namespace${where} are those of the process that made them: %s`,
    async (phase, context) => {
      const unshare = need(context, `a pid namespace${where}`, inPidNamespace(...more));
      const run = await watched([...unshare, somePython(context), program('stall.py'), phase], {
        tools: async () => NO_TOOLS,
      });
      expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
      expect(run.python).toMatch(/^3\./);
      if (phase === 'native-exit') return;
      const dump = run.evidence.find(({ source }) => source === 'faulthandler');
      expect(dump?.threads.flatMap(({ frames }) => frames)).toContainEqual(
        expect.objectContaining({ function: 'linger' }),
      );
    },
  );
}

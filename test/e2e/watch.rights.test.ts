import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { NO_TOOLS } from '../../src/evidence/tools.ts';
import type { WatchedRun } from '../../src/watch/request.ts';
import { startGuard } from '../support/guard.ts';
import { isExecutable, python, pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, realTools, somePython } from '../support/watching.ts';

const PHASES = ['threading-shutdown', 'atexit', 'finalization'];
const NOBODY = 65534;

/** Functions that one source has seen in the main process. */
function seenBy(run: WatchedRun, source: string): readonly string[] {
  const ofMain = run.evidence.filter((each) => each.source === source && each.role === 'main');
  return ofMain
    .flatMap(({ threads }) => threads.flatMap(({ frames }) => frames))
    .map((frame) => frame.function);
}

/** Interpreters of the machine's user may lie where no other one may look. */
function pythonOf(user: number): string | null {
  const candidates = [...pythons().map(({ path }) => path), '/usr/bin/python3'].filter(isExecutable);
  return (
    candidates.find((path) => spawnSync(path, ['-c', ''], { uid: user, gid: user }).status === 0) ?? null
  );
}

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A double, which stands first on PATH: what it is asked for and by whom is up to the script. */
function double(name: string, script: string): string {
  const folder = temporaryFolder('doubles');
  chmodSync(folder, 0o755);
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
  return file;
}

describe('where ptrace is refused', () => {
  test.for(PHASES)('by a filter, the dump signal names the culprit: %s', async (phase, context) => {
    const python = somePython(context);
    const { record } = await startGuard([python, program('stall.py'), phase], {
      through: [python, program('refused.py')],
      tools: await realTools(),
    });
    const run = await record;
    expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
    expect(seenBy(run, 'faulthandler')).toContain('linger');
    const refused = run.evidence.find(({ source }) => source === 'pystack');
    expect(refused?.error).toMatch(/not permitted/i);
  });

  for (const version of ['3.8', '3.9', '3.11', '3.12', '3.13']) {
    test(`by a filter, native-exit is told from finalization, on Python ${version}`, async (context) => {
      const path = need(context, `Python ${version}`, python(version));
      const { record } = await startGuard([path, program('stall.py'), 'native-exit'], {
        through: [path, program('refused.py')],
      });
      expect(await record).toMatchObject({ verdict: 'stalled', phase: 'native-exit', left: [] });
    });
  }

  test.for(PHASES)(
    'since the program is undumpable, to a user that isn’t root: %s',
    async (phase, context) => {
      const isRoot = process.getuid?.() === 0;
      const user = isRoot ? NOBODY : null;
      const python =
        user === null ? somePython(context) : need(context, 'a Python for any user', pythonOf(user));
      const { record } = await startGuard([python, program('hinder.py'), 'undumpable', phase], {
        user,
        tools: user === null ? await realTools() : undefined,
      });
      const run = await record;
      expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
      expect(seenBy(run, 'faulthandler')).toContain('linger');
      expect(
        run.evidence.filter(({ source, error }) => source !== 'faulthandler' && error === undefined),
      ).toEqual(run.evidence.filter(({ source }) => source === 'proc'));
    },
  );

  test('gdb, which then ends with exit code 0, is said to have been refused', async (context) => {
    const python = somePython(context);
    const { gdb } = await realTools();
    const { record } = await startGuard([python, program('stall.py'), 'atexit'], {
      through: [python, program('refused.py')],
      tools: { ...NO_TOOLS, gdb: need(context, 'gdb', gdb) },
    });
    const run = await record;
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit' });
    const ofGdb = run.evidence.filter(({ source }) => source === 'gdb');
    expect(ofGdb.map(({ error }) => error)).toContainEqual(expect.stringMatching(/not permitted/i));
  });

  describe('to a user that isn’t root', () => {
    const user = process.getuid?.() === 0 ? NOBODY : null;
    const refusedTool = (code: number) =>
      double(
        'pystack',
        `for pid; do :; done
        if [ "$EXITPROOF_DOUBLE" = root ]; then
          echo "Traceback for thread $pid (python) [] (most recent call last):"
          echo '    (Python) File "/x.py", line 3, in seen_by_sudo'
          exit 0
        fi
        echo 'ptrace: Operation not permitted.' >&2
        exit ${code}`,
      );

    test.for<[string, number]>([
      ['with an exit code of its own', 1],
      ['with exit code 0, as gdb does', 0],
    ])('a tool is tried again through sudo that asks nothing: refused %s', async ([, code], context) => {
      const python =
        user === null ? somePython(context) : need(context, 'a Python for any user', pythonOf(user));
      double('sudo', '[ "$1" = -n ] || exit 9; shift; EXITPROOF_DOUBLE=root exec "$@"');
      const pystack = refusedTool(code);
      const { record } = await startGuard([python, program('stall.py'), 'atexit'], {
        user,
        tools: { ...NO_TOOLS, pystack },
      });
      const run = await record;
      expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit' });
      expect(seenBy(run, 'pystack')).toContain('seen_by_sudo');
    });

    test('a sudo that would ask, or hangs, costs nothing but its own answer', async (context) => {
      const python =
        user === null ? somePython(context) : need(context, 'a Python for any user', pythonOf(user));
      for (const script of ['echo "sudo: a password is required" >&2; exit 1', 'exec sleep 600']) {
        double('sudo', script);
        const pystack = refusedTool(1);
        const { record } = await startGuard([python, program('stall.py'), 'atexit'], {
          user,
          tools: { ...NO_TOOLS, pystack },
        });
        const run = await record;
        expect(run).toMatchObject({ verdict: 'stalled', phase: 'atexit', left: [] });
        expect(run.evidence.find(({ source }) => source === 'pystack')?.error).toMatch(/not permitted/);
        expect(seenBy(run, 'faulthandler')).toContain('linger');
      }
    });
  });

  test.for(PHASES)('since another process traces the program already: %s', async (phase, context) => {
    const { record } = await startGuard([somePython(context), program('traced.py'), phase], {
      tools: await realTools(),
    });
    const run = await record;
    expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
    expect(seenBy(run, 'faulthandler')).toContain('linger');
    const refused = run.evidence.filter(({ source, role }) => source === 'pystack' && role === 'main');
    expect(refused.map(({ error }) => error)).toContainEqual(
      expect.stringMatching(/process \d+ traces it already/),
    );
  });
});

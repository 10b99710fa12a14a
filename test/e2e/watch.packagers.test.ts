import { describe, expect, test } from 'vitest';
import { packager, pyInstallerOf, shivOf } from '../support/packagers.ts';
import { anyPython, pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, watched } from '../support/watching.ts';

const PHASES = ['run', 'threading-shutdown', 'atexit', 'finalization', 'native-exit'];
const LONG = { ...SHORT, run: 6000 };
const somePython = pythons().find(({ path }) => path === anyPython()) ?? null;

describe('a stall is told by its phase, whatever the program is packed in', () => {
  test.for(PHASES)('shiv, by the probe: %s', async (phase, context) => {
    const shiv = shivOf(need(context, 'Python', somePython), program('stall.py'));
    const { PATH = '', HOME = '' } = process.env;
    const run = await watched([shiv, phase], {
      env: { PATH, HOME, SHIV_ROOT: temporaryFolder('shiv') },
      deadlines: LONG,
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
    expect(run.output.head).toBe('work done\n');
  });

  for (const kind of ['onedir', 'onefile'] as const) {
    test.for(PHASES)(`PyInstaller ${kind}, by the sampler: %s`, async (phase, context) => {
      const packed = pyInstallerOf(need(context, 'Python', somePython), program('stall.py'), kind);
      const run = await watched([packed, phase], { deadlines: LONG });
      expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'sampler', left: [] });
      expect(run.output.head).toBe('work done\n');
      if (phase === 'native-exit') return;
      const ofSubject = run.evidence.filter(({ role }) => role === 'main');
      const frames = ofSubject.flatMap(({ threads }) => threads.flatMap((thread) => thread.frames));
      expect(frames.map((frame) => frame.function)).toContain('linger');
      // The one file is two processes: its unpacker waits, and has no phases.
      const isSpawned = ofSubject.every(({ pid }) => pid === run.pid);
      expect(isSpawned).toBe(kind === 'onedir');
    });
  }
});

test.for(['run', 'finalization'])(
  'behind `uv run` the phase is that of Python: %s',
  async (phase, context) => {
    const python = need(context, 'Python', somePython);
    const uv = [packager(python, 'uv'), 'run', '--offline', '--no-project', '--python', python.path];
    const { PATH = '', HOME = '' } = process.env;
    const run = await watched([...uv, program('stall.py'), phase], {
      env: { PATH, HOME, UV_CACHE_DIR: temporaryFolder('uv') },
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
  },
);

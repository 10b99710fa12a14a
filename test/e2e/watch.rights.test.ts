import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { WatchedRun } from '../../src/watch/request.ts';
import { startGuard } from '../support/guard.ts';
import { isExecutable, pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
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
});

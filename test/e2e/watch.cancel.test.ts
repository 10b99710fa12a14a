import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/watch/request.ts';
import { processesLeft } from '../support/processes.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

/** The runner kills 10 s after its first signal; a report has to be written as well. */
const SOON = 5000;

async function cancelledRun(argv: readonly string[], when: (event: RunEvent) => boolean, signal = 'SIGINT') {
  const cwd = temporaryFolder('cancel');
  const cancel = new AbortController();
  let at = Number.NaN;
  const run = await watched(argv, {
    cwd,
    deadlines: { ...SHORT, run: 60_000, teardown: 60_000, drain: 60_000, grace: 30_000 },
    cancel: cancel.signal,
    onEvent: (event) => {
      if (!when(event) || cancel.signal.aborted) return;
      setTimeout(() => {
        at = performance.now();
        cancel.abort(signal);
      }, 200);
    },
  });
  return { run, took: performance.now() - at, left: await processesLeft(cwd) };
}

const inPhase = (phase: string) => (event: RunEvent) => event.kind === 'phase' && event.phase === phase;

describe('a cancel', () => {
  test.for(['run', 'threading-shutdown', 'finalization'])(
    'says where the run was, with evidence: %s',
    async (phase, context) => {
      const argv = [somePython(context), program('stall.py'), phase];
      const { run, took, left } = await cancelledRun(argv, inPhase(phase));
      expect(run).toMatchObject({
        verdict: 'cancelled',
        phase,
        reason: `cancelled by SIGINT in ${phase}`,
        exitCode: null,
        left: [],
      });
      const frames = run.evidence.flatMap(({ threads }) => threads.flatMap((thread) => thread.frames));
      expect(frames.map((frame) => frame.function)).toContain('linger');
      expect(took).toBeLessThan(SOON);
      expect(left).toEqual([]);
    },
  );

  test('ends what ignores SIGTERM, whatever grace it was given', async (context) => {
    const argv = [somePython(context), program('stubborn.py'), 'blocking'];
    const { run, took, left } = await cancelledRun(argv, inPhase('run'), 'SIGTERM');
    expect(run).toMatchObject({ verdict: 'cancelled', reason: 'cancelled by SIGTERM in run' });
    expect(took).toBeLessThan(SOON);
    expect(left).toEqual([]);
  });

  test('waits for no tool where a vfork is in progress, which none can stop', async (context) => {
    const argv = [somePython(context), program('stubborn.py'), 'vforking'];
    const { run, took, left } = await cancelledRun(argv, inPhase('run'));
    expect(run).toMatchObject({ verdict: 'cancelled', phase: 'run' });
    expect(run.evidence.map(({ error }) => error)).toContainEqual(expect.stringContaining('state D'));
    expect(took).toBeLessThan(SOON);
    expect(left).toEqual([]);
  });

  test('ends what still holds the output of a program that has ended', async (context) => {
    const argv = [somePython(context), program('detach.py'), 'holding', 'twice', 'session', 'nameless'];
    const { run, took, left } = await cancelledRun(argv, inPhase('native-exit'));
    expect(run).toMatchObject({ verdict: 'cancelled', phase: 'descendants' });
    expect(took).toBeLessThan(SOON);
    expect(left).toEqual([]);
  });

  test('that came before the start starts nothing', async () => {
    const run = await watched(['sleep', '600'], { cancel: AbortSignal.abort('SIGTERM') });
    expect(run).toMatchObject({
      verdict: 'cancelled',
      phase: null,
      pid: null,
      reason: 'cancelled by SIGTERM',
    });
  });
});

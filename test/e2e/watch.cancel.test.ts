import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EvidenceTools } from '../../src/evidence/tools.ts';
import { parseReport } from '../../src/report/parse.ts';
import type { RunEvent } from '../../src/watch/request.ts';
import { cliEntry, NODE_24, testEnvironment } from '../support/cli.ts';
import { processesLeft } from '../support/processes.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, realTools, SHORT, somePython, watched } from '../support/watching.ts';

/** The runner kills 10 s after its first signal; a report has to be written as well. */
const SOON = 5000;

async function cancelledRun(
  argv: readonly string[],
  when: (event: RunEvent) => boolean,
  signal = 'SIGINT',
  tools = realTools,
) {
  const cwd = temporaryFolder('cancel');
  const cancel = new AbortController();
  let at = Number.NaN;
  const run = await watched(argv, {
    cwd,
    deadlines: { ...SHORT, run: 60_000, teardown: 60_000, drain: 60_000, grace: 30_000 },
    cancel: cancel.signal,
    tools,
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

/** A double for a tool, which never answers. */
function hanging(): string {
  const file = join(temporaryFolder('tool'), 'tool');
  writeFileSync(file, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(file, 0o755);
  return file;
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

  test.for(['SIGINT', 'SIGHUP', 'SIGTERM'])(
    'asks the program by the signal that it came by, so that it can clear up: %s',
    async (signal, context) => {
      const code = [
        'import signal, time',
        'def clear_up(number, frame):',
        '    print("cleared up after", signal.Signals(number).name)',
        '    raise SystemExit',
        'for one in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM): signal.signal(one, clear_up)',
        'print("ready", flush=True)',
        'time.sleep(600)',
      ].join('\n');
      const { run, left } = await cancelledRun([somePython(context), '-c', code], inPhase('run'), signal);
      expect(run).toMatchObject({ verdict: 'cancelled', exitCode: null });
      expect(run.output.head).toBe(`ready\ncleared up after ${signal}\n`);
      expect(left).toEqual([]);
    },
  );

  test('asks by SIGTERM what pays no heed to SIGINT, as what a shell put into the background', async (context) => {
    const code = [
      'import signal, time',
      'signal.signal(signal.SIGINT, signal.SIG_IGN)',
      'signal.signal(signal.SIGTERM, lambda number, frame: print("asked again") or exit())',
      'time.sleep(600)',
    ].join('\n');
    const { run, took, left } = await cancelledRun([somePython(context), '-c', code], inPhase('run'));
    expect(run).toMatchObject({ verdict: 'cancelled', output: { head: 'asked again\n' } });
    expect(took).toBeLessThan(SOON);
    expect(left).toEqual([]);
  });

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

  test.for<[string, () => Promise<EvidenceTools>]>([
    [
      'each of them hangs',
      async () => ({ pySpy: hanging(), pystack: hanging(), gdb: hanging(), missing: null }),
    ],
    ['they are still being installed', () => new Promise(() => {})],
  ])('waits for no tool for long: %s', async ([, tools], context) => {
    const argv = [somePython(context), program('stall.py'), 'threading-shutdown'];
    const { run, took, left } = await cancelledRun(argv, inPhase('threading-shutdown'), 'SIGINT', tools);
    expect(run).toMatchObject({ verdict: 'cancelled', phase: 'threading-shutdown', left: [] });
    const frames = run.evidence.flatMap(({ threads }) => threads.flatMap((thread) => thread.frames));
    expect(frames.map((frame) => frame.function)).toContain('linger');
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

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  'the CLI, told by %s, ends the program and writes the report within 7 s',
  async ([signal, code], context) => {
    const cwd = temporaryFolder('cancel');
    const report = join(cwd, 'report.json');
    const argv = [somePython(context), program('stall.py'), 'run'];
    const child = spawn(NODE_24, [cliEntry(), 'run', '--report', report, '--', ...argv], {
      cwd,
      env: testEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    const at = performance.now();
    child.kill(signal);
    expect(await closed).toEqual([code, null]);
    expect(performance.now() - at).toBeLessThan(7000);
    const { runs } = parseReport(readFileSync(report, 'utf8'), 'the report');
    expect(runs[0]).toMatchObject({ verdict: 'cancelled', reason: expect.stringContaining(`by ${signal}`) });
    expect(await processesLeft(cwd)).toEqual([]);
  },
);

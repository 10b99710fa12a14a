import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { collectEvidence, type EvidenceRequest } from '../../../src/evidence/collect.ts';
import { kernelState, startTimeOf } from '../../../src/evidence/kernel.ts';
import { motionOf } from '../../../src/evidence/motion.ts';
import { phaseOfEvidence } from '../../../src/evidence/phaseOfEvidence.ts';
import { samplePhase } from '../../../src/evidence/sample.ts';
import { type EvidenceTools, NO_TOOLS } from '../../../src/evidence/tools.ts';
import type { Evidence, EvidenceSource, Phase } from '../../../src/report/model.ts';
import { processesLeft } from '../../support/processes.ts';
import { anyPython, pythons } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { realTools } from '../../support/watching.ts';
import { type Stalled, stalled } from './stalled.ts';

let tools: EvidenceTools = NO_TOOLS;
const some = anyPython();

beforeAll(async () => {
  tools = await realTools();
}, 120_000);

async function look(at: Stalled, changes: Partial<EvidenceRequest> = {}): Promise<Evidence[]> {
  return collectEvidence({
    targets: [at.target],
    tools,
    spawnedAt: at.spawnedAt,
    snapshot: 1,
    budget: 20_000,
    perTool: 10_000,
    faulthandler: { signal: at.probe.dumpSignal, dumpFolder: at.probe.dumpFolder, hasProc: true },
    secrets: [],
    isStill: ({ pid, startTime }) => startTimeOf(pid) === startTime,
    allowSignals: true,
    ...changes,
  });
}

function errorOf(evidence: readonly Evidence[], source: EvidenceSource): string | undefined {
  return evidence.find((each) => each.source === source)?.error;
}

/** The innermost Python functions that a layer names. */
function named(evidence: readonly Evidence[], source: EvidenceSource): (string | undefined)[] {
  const threads = evidence.find((each) => each.source === source)?.threads ?? [];
  return threads.map(({ frames }) => frames.find((frame) => frame.native !== true)?.function);
}

/** A double for a tool: a script of its own. */
function fakeTool(script: string): string {
  const file = join(temporaryFolder('fake-tool'), 'tool');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe.each(pythons())('on CPython $version', ({ path }) => {
  const stalls: [string, string, Phase][] = [
    ['thread', 'worker_waits', 'threading-shutdown'],
    ['atexit', 'handler_waits', 'atexit'],
    ['del', '__del__', 'finalization'],
  ];
  test.each(stalls)('each layer names what stays in %s: %s', async (where, guilty, phase) => {
    const evidence = await look(await stalled(path, where));
    expect(evidence.map(({ source, error }) => [source, error])).toEqual([
      ['proc', undefined],
      ['py-spy', undefined],
      ['pystack', undefined],
      ['faulthandler', undefined],
    ]);
    for (const source of ['py-spy', 'pystack', 'faulthandler'] as const) {
      expect([source, named(evidence, source)]).toEqual([source, expect.arrayContaining([guilty])]);
    }
    expect(phaseOfEvidence(evidence, [])).toEqual({ phase, native: true });
  });
});

describe.skipIf(some === null)('whatever the program does', () => {
  const path = some ?? '';

  test('a hostile thread name stays on its line, a secret is masked everywhere', async () => {
    const at = await stalled(path, 'thread');
    const evidence = await look(at, { secrets: ['worker_waits', 'stall.py'] });
    const text = JSON.stringify(evidence);
    expect(text).not.toContain('worker_waits');
    expect(text).not.toContain('stall.py');
    const names = evidence.flatMap(({ threads }) => threads.map(({ name }) => name));
    expect(names).toContain('worker\\n::error::x');
  });

  test('three hundred threads that wait alike are told once', async () => {
    const evidence = await look(await stalled(path, 'many'), {
      tools: { ...tools, pystack: null, gdb: null },
    });
    const pySpy = evidence.find(({ source }) => source === 'py-spy');
    expect(pySpy?.threads.map((thread) => [thread.main, thread.folded])).toEqual([
      [true, undefined],
      [false, 299],
    ]);
    expect(JSON.stringify(evidence).length).toBeLessThan(20_000);
  });

  test('without any tool the dump signal names the culprit', async () => {
    const evidence = await look(await stalled(path, 'thread'), { tools: NO_TOOLS });
    expect(evidence.map(({ source }) => source)).toEqual(['proc', 'faulthandler']);
    expect(named(evidence, 'faulthandler')).toContain('worker_waits');
  });

  test('an undumpable program still answers', async () => {
    const evidence = await look(await stalled(path, 'undumpable'));
    expect(named(evidence, 'faulthandler')).toContain('worker_waits');
  });

  test('no signal is sent to a program that would not survive it', async () => {
    for (const at of [await stalled(path, 'thread', false), await stalled(path, 'unregistered')]) {
      const evidence = await look(at, { tools: NO_TOOLS });
      expect(errorOf(evidence, 'faulthandler')).toMatch(/not there \(any more\)/);
      await sleep(50);
      expect(kernelState(at.target.pid)).toBe('S');
    }
  });

  test('no signal is sent where it is blocked, or where its file was closed', async () => {
    for (const where of ['deaf', 'closed']) {
      const began = Date.now();
      const evidence = await look(await stalled(path, where), { tools: NO_TOOLS });
      expect(errorOf(evidence, 'faulthandler')).toMatch(/not asked/);
      expect(Date.now() - began).toBeLessThan(5000);
    }
  });

  test('no signal is sent before the last snapshot', async () => {
    const evidence = await look(await stalled(path, 'thread'), { tools: NO_TOOLS, allowSignals: false });
    expect(evidence.map(({ source }) => source)).toEqual(['proc']);
  });

  test('another process under the same pid is left alone', async () => {
    const at = await stalled(path, 'thread');
    const evidence = await look({ ...at, target: { ...at.target, startTime: '1' } });
    expect(evidence).toEqual([]);
  });

  test('a stopped program is named, and stays stopped', async () => {
    const at = await stalled(path, 'thread');
    at.child.kill('SIGSTOP');
    while (kernelState(at.target.pid) !== 'T') await sleep(5);
    const evidence = await look(at);
    expect(named(evidence, 'py-spy')).toContain('worker_waits');
    expect(errorOf(evidence, 'faulthandler')).toMatch(/stopped/);
    expect(evidence.find(({ source }) => source === 'proc')?.text).toContain('state: T');
    expect(kernelState(at.target.pid)).toBe('T');
  });

  test('two snapshots tell a spinner from a sleeper', async () => {
    for (const [where, motion] of [
      ['spin', 'spinning'],
      ['thread', 'blocked'],
    ] as const) {
      const at = await stalled(path, where);
      const quick = { allowSignals: false, tools: { ...tools, pystack: null, gdb: null } };
      const first = await look(at, quick);
      await sleep(1000);
      const second = await look(at, { ...quick, snapshot: 2 });
      expect([where, motionOf([...first, ...second], at.target.pid)]).toEqual([where, motion]);
    }
  });

  test('a tool that hangs is ended with all that it started, named, and costs the others nothing', async () => {
    const marker = `30${process.pid}`;
    const hanging = fakeTool(`sleep ${marker} & sleep ${marker}`);
    const at = await stalled(path, 'thread');
    const evidence = await look(at, { tools: { ...tools, pySpy: hanging, gdb: null }, perTool: 3000 });
    expect(errorOf(evidence, 'py-spy')).toMatch(/no answer within/);
    expect(named(evidence, 'pystack')).toContain('worker_waits');
    expect(named(evidence, 'faulthandler')).toContain('worker_waits');
    expect(await processesLeft(`sleep\0${marker}`)).toEqual([]);
  });

  test('a program that a killed tool left stopped goes on', async () => {
    const at = await stalled(path, 'thread');
    // What a tracer leaves that is killed between its attach and its detach.
    const stopping = fakeTool('kill -STOP "$3"; exec sleep 60');
    await look(at, { tools: { ...NO_TOOLS, pySpy: stopping }, perTool: 300, faulthandler: null });
    expect(kernelState(at.target.pid)).not.toBe('T');
  });

  test('a tool that fails is named with its own words', async () => {
    const failing = fakeTool('echo "Error: the stars are wrong" >&2; exit 1');
    const silent = fakeTool('exit 0');
    const at = await stalled(path, 'thread');
    const evidence = await look(at, { tools: { pySpy: failing, pystack: silent, gdb: null, missing: null } });
    expect(errorOf(evidence, 'py-spy')).toContain('the stars are wrong');
    expect(errorOf(evidence, 'pystack')).toBe('it saw no frame');
    expect(named(evidence, 'faulthandler')).toContain('worker_waits');
  });

  test('a tool that is missing says why', async () => {
    const missing = { ...NO_TOOLS, missing: 'no network to install it' };
    const evidence = await look(await stalled(path, 'thread'), { tools: missing });
    expect(errorOf(evidence, 'py-spy')).toBe('no network to install it');
  });

  test('the budget bounds all of it', async () => {
    const hanging = fakeTool('exec sleep 60');
    const at = await stalled(path, 'thread');
    const began = Date.now();
    const all = { pySpy: hanging, pystack: hanging, gdb: hanging, missing: null };
    await look(at, { tools: all, budget: 600, perTool: 500 });
    expect(Date.now() - began).toBeLessThan(5000);
  });

  test('a sample without native frames tells run, one with them tells teardown', async () => {
    const options = { tools, packagerFiles: [], timeout: 10_000 };
    const running = await stalled(path, 'spin');
    expect((await samplePhase({ ...options, target: running.target, native: true })).phase).toBe('run');
    const ending = await stalled(path, 'atexit');
    expect(await samplePhase({ ...options, target: ending.target, native: false })).toMatchObject({
      phase: 'unknown',
    });
    expect(await samplePhase({ ...options, target: ending.target, native: true })).toEqual({
      source: 'pystack',
      phase: 'atexit',
    });
  });

  test('what waits in vfork, where no tool can stop it, is told by its child', async (context) => {
    need(context, 'gdb', tools.gdb);
    const { target } = await stalled(path, 'vfork');
    const sample = (native: boolean) =>
      samplePhase({ target, tools, packagerFiles: [], native, timeout: 10_000 });
    const samples = [await sample(false), await sample(true)];
    const state = kernelState(target.pid);
    const children = readFileSync(`/proc/${target.pid}/task/${target.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    for (const child of children) process.kill(Number(child), 'SIGKILL');
    expect(state).toBe('D');
    expect(children).toHaveLength(2);
    expect(samples).toMatchObject([{ phase: 'unknown' }, { source: 'gdb', phase: 'atexit' }]);
  });

  test('a failed sample is unknown', async () => {
    const { target } = await stalled(path, 'thread');
    const failing = { pySpy: fakeTool('exit 1'), pystack: fakeTool('exit 1'), gdb: null, missing: null };
    for (const native of [true, false]) {
      const sample = await samplePhase({
        target,
        tools: failing,
        packagerFiles: [],
        native,
        timeout: 10_000,
      });
      expect(sample.phase).toBe('unknown');
    }
  });
});

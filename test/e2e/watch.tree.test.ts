import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { linux } from '../../src/watch/proc.ts';
import { watch } from '../../src/watch/session.ts';
import { registerGuard, sweepDeadGuards } from '../../src/watch/sweep.ts';
import { startGuard } from '../support/guard.ts';
import { endProcessesWith, processesLeft, processesWith } from '../support/processes.ts';
import { watchRequest } from '../support/request.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

/** Every process of these tests works in a folder of its own: what is left is found by it, whatever it did to itself. */
const needles: string[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const needle of needles.splice(0)) endProcessesWith(needle);
});

function place(): string {
  const folder = temporaryFolder('tree');
  needles.push(folder);
  return folder;
}

/** Whether a chain of processes, each too short-lived to be met in a list, still goes on. */
async function beats(folder: string): Promise<boolean> {
  const file = join(folder, 'beat');
  if (!existsSync(file)) return false;
  const before = statSync(file).mtimeMs;
  await sleep(300);
  return statSync(file).mtimeMs !== before;
}

describe('a process that holds the output', () => {
  test.for<[string, string[], string[]]>([
    ['a child', ['holding'], ['stdout', 'stderr']],
    ['a child in a session of its own', ['holding', 'session'], ['stdout', 'stderr']],
    ['a grandchild without its parents', ['holding', 'twice', 'session'], ['stdout', 'stderr']],
    ['one without the environment', ['holding', 'twice', 'session', 'nameless'], ['stdout', 'stderr']],
    ['one that holds stderr alone', ['stderr'], ['stderr']],
  ])('is a leak, named and ended: %s', async ([, ways, holds], context) => {
    const cwd = place();
    const run = await watched([somePython(context), program('detach.py'), ...ways], { cwd });
    expect(run).toMatchObject({ verdict: 'leaked', phase: 'descendants', exitCode: 0 });
    expect(run.left).toEqual([
      expect.objectContaining({ ended: true, holds, command: expect.stringContaining('time.sleep(600)') }),
    ]);
    expect(run.reason).toContain(`${holds.join(' and ')} still held`);
    const [holder] = run.left;
    const seen = run.evidence.filter(({ pid, role }) => pid === holder?.pid && role === 'descendant');
    expect(seen.flatMap(({ threads }) => threads.flatMap(({ frames }) => frames))).toContainEqual(
      expect.objectContaining({ function: '<module>' }),
    );
    expect(await processesLeft(cwd)).toEqual([]);
  });

  test('is named without the secrets that it was given', async () => {
    const cwd = place();
    const run = await watched(['sh', '-c', 'sleep 600.125 & echo started'], { cwd, secrets: ['600.125'] });
    expect(run).toMatchObject({ verdict: 'leaked', left: [{ command: 'sleep ***' }] });
    expect(run.reason).toContain('(sleep ***)');
  });

  test('is no leak where it lets go in time', async () => {
    const cwd = place();
    const run = await watched(['sh', '-c', 'sleep 0.5 & echo started'], { cwd });
    expect(run).toMatchObject({ verdict: 'passed', left: [] });
    expect(run.timings.descendants).toBeGreaterThan(200);
  });
});

describe('a detached process that holds no output', () => {
  test.for<[string, string[]]>([
    ['in the background', []],
    ['in a session of its own', ['session']],
    ['without its parents', ['twice', 'session']],
    ['without the environment, seen while its parent lived', ['session', 'nameless', 'slowly']],
  ])('is named and ended, and no part of the verdict: %s', async ([, ways], context) => {
    const cwd = place();
    const run = await watched([somePython(context), program('detach.py'), ...ways], { cwd });
    expect(run.verdict).toBe('passed');
    expect(run.left).toEqual([
      { pid: expect.any(Number), command: expect.stringContaining('sleep'), ended: true },
    ]);
    expect(await processesLeft(cwd)).toEqual([]);
  });
});

describe('a program that will not go', () => {
  test.for(['ignoring', 'blocking', 'stopped', 'respawning', 'roaming', 'forgetful', 'vforking'])(
    'is ended with all its tree: %s',
    async (way, context) => {
      const cwd = place();
      const run = await watched([somePython(context), program('stubborn.py'), way], {
        cwd,
        deadlines: { ...SHORT, run: 1500 },
      });
      expect(run).toMatchObject({ verdict: 'stalled', phase: 'run' });
      expect(run.left.filter(({ ended }) => !ended)).toEqual([]);
      expect(await processesLeft(cwd)).toEqual([]);
      expect(await beats(cwd)).toBe(false);
    },
  );
});

test('what a killed guard leaves behind is ended by the next one', async (context) => {
  const cwd = place();
  const guard = await startGuard([somePython(context), program('stubborn.py'), 'ignoring'], { cwd });
  expect(processesWith(cwd).map(({ pid }) => pid)).toContain(guard.watched);
  guard.record.catch(() => {});
  guard.child.kill('SIGKILL');
  await once(guard.child, 'exit');
  expect(processesWith(cwd)).not.toEqual([]);

  vi.stubEnv('TMPDIR', guard.folder);
  const ended = await sweepDeadGuards(200);
  expect(ended).toContainEqual(expect.objectContaining({ pid: guard.watched, ended: true }));
  expect(await processesLeft(cwd)).toEqual([]);
});

test('a killed guard that nobody has waited for is no living one', async (context) => {
  const cwd = place();
  const python = somePython(context);
  const negligent = 'import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)';
  const guard = await startGuard([python, program('stubborn.py'), 'ignoring'], {
    cwd,
    through: [python, '-c', negligent],
  });
  guard.record.catch(() => {});
  const { pid } = linux.stat(linux.stat(guard.watched)?.parent ?? 0) ?? { pid: 0 };
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(linux.stat(pid)?.state).toBe('Z'));

  vi.stubEnv('TMPDIR', guard.folder);
  const ended = await sweepDeadGuards(200);
  guard.child.kill('SIGKILL');
  expect(ended).toContainEqual(expect.objectContaining({ pid: guard.watched, ended: true }));
  expect(await processesLeft(cwd)).toEqual([]);
});

test('a folder that can not be removed keeps no job from its verdict', async (context) => {
  const cwd = place();
  vi.stubEnv('TMPDIR', cwd);
  const self = linux.stat(process.pid);
  const dead = { ...linux, stat: () => self && { ...self, startTime: '1' } };
  registerGuard({ cookie: 'of-a-dead-guard.', folder: `/proc/${process.pid}/fdinfo` }, dead);
  const run = await watch(watchRequest([somePython(context), '-c', 'pass'], { cwd, deadlines: SHORT }));
  expect(run).toMatchObject({ verdict: 'passed' });
  expect(readdirSync(join(cwd, `exitproof-guards-${process.getuid?.()}`))).toEqual([]);
});

test('a sweep leaves alone what a living guard guards', async (context) => {
  const cwd = place();
  const watching = watched([somePython(context), program('stall.py'), 'run'], {
    cwd,
    onEvent: (event) => {
      if (event.kind === 'spawned') void sweepDeadGuards(100);
    },
  });
  expect(await watching).toMatchObject({ verdict: 'stalled', phase: 'run' });
});

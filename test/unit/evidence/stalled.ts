import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { startTimeOf } from '../../../src/evidence/kernel.ts';
import { type Probe, prepareProbe } from '../../../src/evidence/prepareProbe.ts';
import type { Target } from '../../../src/evidence/target.ts';
import { temporaryFolder } from '../../support/tmp.ts';

export interface Stalled {
  readonly target: Target;
  readonly probe: Probe;
  readonly spawnedAt: bigint;
  readonly child: ChildProcess;
}

const session = temporaryFolder('evidence');
const children: ChildProcess[] = [];
let runs = 0;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** `stall.py` under the probe, at the place where it stays. */
export async function stalled(python: string, where: string, marked = true): Promise<Stalled> {
  const argv: [string, ...string[]] = [python, join(import.meta.dirname, 'stall.py'), where];
  const env = { PATH: process.env['PATH'] ?? '', HOME: session };
  runs += 1;
  const probe = prepareProbe({ folder: session, run: String(runs), argv, env, cwd: session });
  const spawnedAt = process.hrtime.bigint();
  const child = spawn(argv[0], argv.slice(1), { env: { ...env, ...(marked ? probe.env : {}) } });
  children.push(child);
  await new Promise((settle) => child.stdout.once('data', settle));
  const pid = child.pid ?? 0;
  // From its last words to its last wait is a moment of Python.
  await sleep(300);
  return {
    target: { pid, startTime: startTimeOf(pid) ?? '', role: 'main', command: argv.join(' ') },
    probe,
    spawnedAt,
    child,
  };
}

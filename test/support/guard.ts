import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { EvidenceTools } from '../../src/evidence/tools.ts';
import type { Deadlines, WatchedRun } from '../../src/watch/request.ts';
import { temporaryFolder } from './tmp.ts';
import { program, SHORT } from './watching.ts';

export interface GuardOptions {
  readonly cwd?: string;
  readonly deadlines?: Deadlines;
  /** None unless told. */
  readonly tools?: EvidenceTools | undefined;
  /** A command that starts it, and may take rights from it first. */
  readonly through?: readonly string[];
  /** The user that it is; the tests' own unless told. */
  readonly user?: number | null;
}

/** A guard in a process of its own, which can be stopped, killed and deprived of its rights. */
export interface Guard {
  readonly child: ChildProcess;
  /** The pid of what it watches. */
  readonly watched: number;
  readonly record: Promise<WatchedRun>;
  /** Its folder for temporary files, where it has written itself down. */
  readonly folder: string;
}

/** It writes itself down in a folder of its own: no other guard of this machine sweeps what it leaves. */
export async function startGuard(argv: readonly string[], options: GuardOptions = {}): Promise<Guard> {
  const { cwd, deadlines = SHORT, tools, through = [], user = null } = options;
  const home = temporaryFolder('guard');
  if (user !== null) chownSync(home, user, user);
  const [command, ...args] = [...through, process.execPath, program('guard.ts')];
  const child = spawn(command ?? '', args, {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: home,
      WATCHED: JSON.stringify({ argv, cwd: cwd ?? home, deadlines, tools }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === null ? {} : { uid: user, gid: user }),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  const watched = Number(await next());
  return { child, watched, record: next(), folder: home };
}

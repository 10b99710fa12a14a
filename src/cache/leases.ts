import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheRoot, type Environment } from '../toolchain/paths.ts';
import { isGone } from '../watch/platform.ts';
import { thisPlatform } from '../watch/thisPlatform.ts';

/**
 * Who uses the folder of private tools. A job notes itself down, and then looks for somebody who clears; who clears
 * does so the other way round, so that at least one of two sees the other. Every note has a name of its own: a dead
 * process's can be removed without a race for it.
 */
export interface Lease {
  /** The folder that it is held in. */
  readonly root: string;
  release(): Promise<void>;
}

type Role = 'job' | 'clear';

/** Milliseconds. Clearing is a few renames: whoever takes longer has been stopped. */
const PATIENCE = 10_000;
/** Milliseconds after which a note from another container, whose processes can't be seen here, counts as left behind. */
const STALE = 24 * 60 * 60 * 1000;

/** Holds off those who clear until it is released, or this process is gone. Null where nothing can be written there. */
export async function holdTools(env: Environment): Promise<Lease | null> {
  try {
    const lease = await note(cacheRoot(env), 'job');
    const given = Date.now() + PATIENCE;
    while (Date.now() < given && (await living(lease.root, 'clear')).length > 0) await sleep(20);
    return lease;
  } catch {
    return null;
  }
}

export type Alone<T> =
  | { readonly alone: true; readonly value: T }
  | { readonly alone: false; readonly jobs: number };

/** Does `work`, which has to be quick, where no job but this process's own uses the tools, and lets none begin meanwhile. */
export async function whileAlone<T>(root: string, work: () => Promise<T>): Promise<Alone<T>> {
  const lease = await note(root, 'clear');
  try {
    const jobs = (await living(root, 'job')).length;
    return jobs === 0 ? { alone: true, value: await work() } : { alone: false, jobs };
  } finally {
    await lease.release();
  }
}

const notesOf = (root: string): string => join(root, 'jobs');

async function note(root: string, role: Role): Promise<Lease> {
  const { pid } = process;
  const name = [role, pid, startOf(pid), namespace(), randomBytes(4).toString('hex')].join('-');
  const path = join(notesOf(root), name);
  await mkdir(notesOf(root), { recursive: true });
  own.add(name);
  await writeFile(path, '');
  return { root, release: () => rm(path, { force: true }).catch(() => {}) };
}

const own = new Set<string>();

/** The notes of other processes that are there; those of the dead are removed. */
async function living(root: string, role: Role): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(notesOf(root)).catch(() => [])) {
    const [what, digits, start, where] = name.split('-');
    if (start === undefined || own.has(name)) continue;
    const path = join(notesOf(root), name);
    const lives = where === namespace() ? startOf(Number(digits)) === start : await isFresh(path);
    if (!lives) await rm(path, { force: true }).catch(() => {});
    else if (what === role) found.push(name);
  }
  return found;
}

async function isFresh(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats !== null && Date.now() - stats.mtimeMs < STALE;
}

/** Empty for a process that is gone. */
function startOf(pid: number): string {
  const found = thisPlatform().stat(pid);
  return isGone(found) ? '' : `s${found.startTime.replaceAll(/\W/g, '')}`;
}

/** Whose process ids these are: those of another container or machine say nothing here. */
function namespace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}n${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')}`;
  } catch {
    return 'none';
  }
}

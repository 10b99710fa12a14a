import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_LIMIT, BYTECODE_LIMIT, LAYOUTS_LIMIT } from './limits.ts';

/** Everything of one sort that exitproof keeps in a folder of the user's. */
export interface Kind {
  /** The folder's name, and what it is called. */
  readonly name: string;
  /** Bytes; what was used least recently goes first. */
  readonly limit: number;
  /** Milliseconds; what was not used for so long goes. */
  readonly age: number;
  /** Used in place by the jobs that run; of the others a job has links or copies. */
  readonly inPlace: boolean;
  /** One thing as a whole: nobody knows which of its parts belong together. */
  readonly whole: boolean;
}

export interface Kept {
  readonly kind: Kind;
  /** The last used first. */
  readonly entries: readonly KeptEntry[];
}

export interface KeptEntry {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly used: Date;
}

const GIB = 2 ** 30;
/** Two megabytes for ten thousand files. */
const SEEN_LIMIT = GIB / 16;
const DAY = 24 * 60 * 60 * 1000;
const PLAIN = { limit: 2 * GIB, age: 30 * DAY, inPlace: true, whole: false } as const;

const KINDS: readonly Kind[] = [
  { ...PLAIN, name: 'layouts', limit: LAYOUTS_LIMIT, age: 90 * DAY, inPlace: false },
  { ...PLAIN, name: 'built', limit: BUILT_LIMIT, age: 90 * DAY, inPlace: false },
  { ...PLAIN, name: 'bytecode', limit: BYTECODE_LIMIT, inPlace: false },
  { ...PLAIN, name: 'wheels', inPlace: false },
  { ...PLAIN, name: 'resolved', inPlace: false },
  { ...PLAIN, name: 'seen', limit: SEEN_LIMIT, inPlace: false },
  { ...PLAIN, name: 'tools' },
  { ...PLAIN, name: 'pex-root', whole: true },
];

/** Of exitproof itself: who is at work, and what is being removed. */
const OWN = new Set(['jobs', 'trash', 'tidied']);

/** What lies in the cache's folder, sort by sort. Throws what the file system throws where it may not be read. */
export async function inventory(root: string): Promise<readonly Kept[]> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const others = names.filter((name) => !OWN.has(name) && KINDS.every((kind) => kind.name !== name)).sort();
  const kinds = [...KINDS, ...others.map((name) => ({ ...PLAIN, name }))];
  return await Promise.all(
    kinds.map(async (kind) => ({
      kind,
      entries: (await entriesOf(root, kind)).sort((a, b) => b.used.getTime() - a.used.getTime()),
    })),
  );
}

/** Takes entries away at once, each by a rename; `empty` then gives their room back. */
export async function discard(root: string, entries: readonly KeptEntry[]): Promise<void> {
  const trash = join(root, 'trash');
  await mkdir(trash, { recursive: true });
  for (const { path } of entries) {
    await rename(path, join(trash, randomBytes(8).toString('hex'))).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

export async function empty(root: string): Promise<void> {
  await rm(join(root, 'trash'), { recursive: true, force: true });
}

/** What has to go: too old, or beyond the limit. */
export function overdue({ kind, entries }: Kept, now: number): readonly KeptEntry[] {
  let total = 0;
  return entries.filter(({ size, used }) => {
    total += size;
    return total > kind.limit || now - used.getTime() > kind.age;
  });
}

async function entriesOf(root: string, kind: Kind): Promise<KeptEntry[]> {
  const folder = join(root, kind.name);
  if (kind.whole) return (await entry(folder, kind.name)) ?? [];
  const names = await readdir(folder).catch(() => []);
  return (await Promise.all(names.map((name) => entry(join(folder, name), name)))).flatMap(
    (one) => one ?? [],
  );
}

async function entry(path: string, name: string): Promise<KeptEntry[] | null> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null) return null;
  const { size, newest } = await measure(path, stats);
  // What is being written belongs to whoever writes it, until that is surely gone.
  if (/\.(part|old)-[^/]*$/.test(name) && Date.now() - newest < DAY) return null;
  return [{ path, name, size, used: new Date(newest) }];
}

/** Bytes, and when anything in it was last written or marked as used. */
async function measure(path: string, stats: Stats): Promise<{ size: number; newest: number }> {
  if (!stats.isDirectory()) return { size: stats.size, newest: stats.mtimeMs };
  let [size, newest] = [0, stats.mtimeMs];
  for (const name of await readdir(path).catch(() => [])) {
    const inner = await lstat(join(path, name)).catch(() => null);
    if (inner === null) continue;
    const found = await measure(join(path, name), inner);
    size += found.size;
    newest = Math.max(newest, found.newest);
  }
  return { size, newest };
}

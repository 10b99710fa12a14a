import { copyFile, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { partOf } from '../part.ts';
import { problem } from '../problem.ts';
import type { Found, LayoutStore, Saved } from './store.ts';

const SUFFIX = '.tar';
/** Bytes. */
export const DEFAULT_LIMIT = 5 * 2 ** 30;
/** A part that was not finished in a day belongs to a process that is gone. */
const STALE_PART = 24 * 60 * 60 * 1000;

export interface DirectoryStoreOptions {
  readonly folder: string;
  /** Where layouts are frozen to. */
  readonly file: string;
  /** Bytes; the entries that were used least recently go first. */
  readonly limit?: number;
}

/**
 * Frozen layouts in a folder, for every place that is not a GitHub job. Jobs side by side need no lock: an entry
 * comes by a rename, is never written again, and one that is deleted while it is read stays readable.
 */
export function directoryStore({ folder, file, limit = DEFAULT_LIMIT }: DirectoryStoreOptions): LayoutStore {
  const pathOf = (key: string): string => join(folder, `${key}${SUFFIX}`);
  return {
    kind: 'directory',
    compression: 'none',
    file,
    restore: async (key) => {
      const path = pathOf(key);
      try {
        const now = new Date();
        await utimes(path, now, now);
      } catch (error) {
        return missing(error);
      }
      return { result: 'hit', file: path };
    },
    nearest: async (prefixes) => {
      const entries = await entriesOf(folder).catch(() => []);
      for (const prefix of prefixes) {
        const found = entries.find((entry) => entry.name.startsWith(prefix));
        if (found !== undefined) return found.name.slice(0, -SUFFIX.length);
      }
      return null;
    },
    save: async (key): Promise<Saved> => {
      const part = partOf(pathOf(key));
      try {
        // What lies here is executed later: nobody else may write to it.
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await copyFile(file, part);
        await rename(part, pathOf(key));
        await evict(folder, limit, `${key}${SUFFIX}`);
        return { saved: true, reason: `saved in ${folder}` };
      } catch (error) {
        return { saved: false, reason: `not saved: ${words(error)}` };
      } finally {
        await rm(part, { force: true }).catch(() => {});
      }
    },
  };
}

export interface StoredLayout {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last saved or restored. */
  readonly used: Date;
}

/** What lies in the folder, the last used first. */
export async function storedLayouts(folder: string): Promise<readonly StoredLayout[]> {
  const entries = await entriesOf(folder).catch((error: unknown) => {
    if (missing(error).result === 'miss') return [];
    throw problem('settings', `the cache's folder can't be read: ${words(error)}`, { cause: error });
  });
  return entries.map(({ name, size, used }) => ({
    key: name.slice(0, -SUFFIX.length),
    size,
    used: new Date(used),
  }));
}

/** Removes every layout, and says which. What another process is just saving stays. */
export async function removeLayouts(folder: string): Promise<readonly StoredLayout[]> {
  const layouts = await storedLayouts(folder);
  for (const { key } of layouts) {
    await rm(join(folder, `${key}${SUFFIX}`), { force: true }).catch((error: unknown) => {
      throw problem('settings', `the cache can't be emptied: ${words(error)}`, { cause: error });
    });
  }
  return layouts;
}

function missing(error: unknown): Found {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { result: 'miss', reason: 'no entry has this key' };
  return { result: 'denied', reason: words(error) };
}

interface StoredFile {
  readonly name: string;
  readonly size: number;
  readonly used: number;
}

/** The last used first. */
async function entriesOf(folder: string): Promise<StoredFile[]> {
  return (await filesOf(folder)).filter(({ name }) => name.endsWith(SUFFIX));
}

async function filesOf(folder: string): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for (const name of await readdir(folder)) {
    const stats = await stat(join(folder, name)).catch(() => null);
    if (stats?.isFile()) found.push({ name, size: stats.size, used: stats.mtimeMs });
  }
  return found.sort((a, b) => b.used - a.used);
}

async function evict(folder: string, limit: number, kept: string): Promise<void> {
  let total = 0;
  for (const entry of await filesOf(folder)) {
    const part = !entry.name.endsWith(SUFFIX);
    if (part && Date.now() - entry.used < STALE_PART) continue;
    if (!part) total += entry.size;
    if (part || (total > limit && entry.name !== kept)) await rm(join(folder, entry.name), { force: true });
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

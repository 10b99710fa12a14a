import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partOf } from '../part.ts';
import { LAYOUTS_LIMIT } from './limits.ts';
import type { EntryStore, Found } from './store.ts';

const SUFFIX = '.tar';
/** A part that was not finished in a day belongs to a process that is gone. */
const STALE_PART = 24 * 60 * 60 * 1000;

export interface DirectoryStoreOptions {
  readonly folder: string;
  /** Where entries are made, and where those that are found are linked to: of this job alone. */
  readonly file: string;
  /** Bytes; the entries that were used least recently go first. */
  readonly limit?: number;
}

/**
 * Entries in a folder, for every place that is not a GitHub job. Jobs side by side need no lock: an entry comes by a
 * rename and is never written again, and who finds one has a link of its own, whatever becomes of the name.
 */
export function directoryStore({ folder, file, limit = LAYOUTS_LIMIT }: DirectoryStoreOptions): EntryStore {
  const pathOf = (key: string): string => join(folder, `${key}${SUFFIX}`);
  const nearest = async (prefixes: readonly string[]): Promise<string | null> => {
    const entries = await entriesOf(folder).catch(() => []);
    for (const prefix of prefixes) {
      const found = entries.find((entry) => entry.name.startsWith(prefix));
      if (found !== undefined) return found.name.slice(0, -SUFFIX.length);
    }
    return null;
  };
  return {
    kind: 'directory',
    compression: 'none',
    file,
    find: async (key, prefixes = []): Promise<Found> => {
      const path = pathOf(key);
      try {
        const now = new Date();
        await utimes(path, now, now);
        await mkdir(dirname(file), { recursive: true });
        await rm(file, { force: true });
        await link(path, file).catch(() => copyFile(path, file, constants.COPYFILE_FICLONE));
        return { result: 'hit', file, key };
      } catch (error) {
        if (!isMissing(error)) return { result: 'denied', reason: words(error) };
        return { result: 'miss', reason: 'no entry has this key', nearest: await nearest(prefixes) };
      }
    },
    // The next save takes its place.
    reject: () => {},
    refusal: () => null,
    save: async (key) => {
      const part = partOf(pathOf(key));
      try {
        // What lies here is executed later: nobody else may write to it.
        await mkdir(folder, { recursive: true, mode: 0o700 });
        // It has served: to move it is enough, where it lies on the same file system.
        await rename(file, part).catch(() => copyFile(file, part));
        await rename(part, pathOf(key));
        await evict(folder, limit, `${key}${SUFFIX}`);
        return { saved: true, reason: `saved in ${folder}`, key };
      } catch (error) {
        return { saved: false, reason: `not saved: ${words(error)}`, key };
      } finally {
        await rm(part, { force: true }).catch(() => {});
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
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

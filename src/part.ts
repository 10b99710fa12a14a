import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Milliseconds. Older than any work takes: its process has been killed. */
const STALE = 60 * 60 * 1000;

/**
 * Where something lies until it is whole and is renamed to `path`. Another name at each call: containers that share
 * a folder have the same process ids.
 */
export function partOf(path: string): string {
  return `${path}.part-${unique()}`;
}

/** Puts a finished folder in its place: at no time is there half a tree under the name. */
export async function moveIntoPlace(part: string, destination: string): Promise<void> {
  const old = await setAside(destination);
  await rename(part, destination);
  await old.remove();
}

export interface SetAside {
  /** Where it lies now; null where nothing is left of it. */
  readonly path: string | null;
  readonly remove: () => Promise<void>;
}

/** Frees a name, whatever lies there. */
export async function setAside(path: string): Promise<SetAside> {
  const old = `${path}.old-${unique()}`;
  try {
    await rename(path, old);
    return { path: old, remove: () => rm(old, { recursive: true, force: true }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'ENOENT' && code !== 'EXDEV') throw error;
    // What a lower layer of an overlay has can be removed, but not moved.
    await rm(path, { recursive: true, force: true });
    return { path: null, remove: async () => {} };
  }
}

/** Removes what killed processes left half beside `path`. Never throws. */
export async function sweepParts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.`) || !/\.(part|old)-\d+(-[0-9a-f]+)?$/.test(name)) continue;
    const full = join(folder, name);
    const stats = await lstat(full).catch(() => null);
    if (stats === null || Date.now() - stats.ctimeMs < STALE) continue;
    await rm(full, { recursive: true, force: true }).catch(() => {});
  }
}

function unique(): string {
  return `${process.pid}-${randomBytes(4).toString('hex')}`;
}

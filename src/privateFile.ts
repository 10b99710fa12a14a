import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { partOf } from './part.ts';

/**
 * What this user has written for a later job, which believes or executes it. Null where there is none, it can't be read, or
 * anybody else may have written it.
 */
export function readPrivate(path: string): Buffer | null {
  let file: number | null = null;
  try {
    // Of the very file that is read; a FIFO would be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    const isOwn = stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
    return isOwn ? readFileSync(file) : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Whole or not at all, in a folder that is made where it is missing. Throws as the file system does. */
export async function writePrivate(path: string, content: string | readonly Uint8Array[]): Promise<void> {
  const part = partOf(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(part, content, { mode: 0o600, flag: 'wx' });
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** What is not used for long is removed. Never throws. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

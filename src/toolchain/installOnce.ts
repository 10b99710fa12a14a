import { existsSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { partOf, sweepParts } from '../part.ts';
import { problem } from '../problem.ts';

const running = new Map<string, Promise<string>>();

/**
 * Fills `folder` by `install` unless it is there. It is done beside its place and renamed when it is complete, so
 * that no reader ever sees a part. Parallel jobs may do the work twice, and the first one's stands:
 * no lock can then be left behind by a job that was killed.
 */
export function installOnce(folder: string, install: (part: string) => Promise<void>): Promise<string> {
  const known = running.get(folder);
  if (known !== undefined) return known;
  const work = fill(folder, install).finally(() => running.delete(folder));
  running.set(folder, work);
  return work;
}

async function fill(folder: string, install: (part: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) {
    // What was not used for long is cleared away.
    const now = new Date();
    await utimes(folder, now, now).catch(() => {});
    return folder;
  }
  const part = partOf(folder);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await sweepParts(folder);
    await mkdir(part);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('settings', `the folder for tools and caches can't be written to: ${reason}`, {
      hint: 'XDG_CACHE_HOME names another place for it.',
    });
  }
  try {
    await install(part);
    await rename(part, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}

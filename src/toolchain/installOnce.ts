import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const STALE_MS = 24 * 60 * 60 * 1000;
const running = new Map<string, Promise<string>>();

/**
 * Fills `folder` by `install` unless it is there. What is half done lies in `X.part-PID` and is renamed when it is
 * complete, so that no reader ever sees a part. Parallel jobs may do the work twice, and the first one's stands:
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
  if (existsSync(folder)) return folder;
  const part = `${folder}.part-${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  await removeStaleParts(folder);
  await rm(part, { recursive: true, force: true });
  await mkdir(part);
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

async function removeStaleParts(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(folder)}.part-`)) continue;
    const path = join(parent, name);
    const info = await stat(path).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs > STALE_MS)
      await rm(path, { recursive: true, force: true });
  }
}

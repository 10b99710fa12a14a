import { cp, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { moveIntoPlace, partOf, sweepParts } from '../part.ts';
import { problem } from '../problem.ts';
import type { FreshLayout } from './layout.ts';
import { treeDigest } from './manifest.ts';
import { BUILT_SIGN, checkReplaceable } from './place.ts';
import { scan } from './scan.ts';

/**
 * Moves a folder that a builder wrote to where users look for it, and describes it. Throws a settings problem where
 * something else lies there, and a build problem for a folder that can't be moved.
 */
export async function placeTree(
  from: string,
  to: string,
  executable: string,
): Promise<FreshLayout & { readonly artifact: { readonly path: string; readonly sha256: string } }> {
  await mkdir(dirname(to), { recursive: true });
  const folder = join(await realpath(dirname(to)), basename(to));
  await checkReplaceable(folder);
  await sweepParts(folder);
  const part = partOf(folder);
  try {
    await mkdir(dirname(join(from, BUILT_SIGN)), { recursive: true });
    await writeFile(join(from, BUILT_SIGN), '');
    await move(from, part);
    await moveIntoPlace(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  const scanned = await scan(folder);
  if (scanned.kind === 'not-relocatable') throw problem('build', `not relocatable: ${scanned.reason}`);
  const { manifest } = scanned;
  const artifact = { path: folder, sha256: treeDigest(manifest) };
  return { folder, executable, manifest, reason: null, artifact };
}

/** The temporary folder may be of another file system. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    await cp(from, to, { recursive: true, verbatimSymlinks: true });
    await rm(from, { recursive: true, force: true });
  }
}

import { chmod, copyFile, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { partOf, sweepParts } from '../part.ts';
import { problem } from '../problem.ts';
import type { FreshLayout } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { makeWay } from './place.ts';
import { describe } from './scan.ts';

export interface OneFileLayout extends FreshLayout {
  readonly manifest: Manifest;
  /** The file itself. */
  readonly artifact: { readonly path: string; readonly sha256: string };
}

/** A layout of one file, whatever lies beside it. No path in it is replaced: it is the same bytes everywhere. */
export async function oneFileLayout(file: string): Promise<OneFileLayout> {
  await chmod(file, 0o755);
  const folder = await realpath(dirname(file));
  const executable = basename(file);
  const entry = describe({ layout: folder, python: null, home: null }, executable, true);
  if (typeof entry === 'string') throw problem('build', entry);
  if (entry.kind !== 'file') throw problem('build', `${file} is no file`);
  const artifact = { path: file, sha256: entry.sha256 };
  return { folder, executable, manifest: [entry], reason: null, artifact };
}

/** Puts a file that was unpacked elsewhere where users look for it, whole or not at all. */
export async function placeFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await sweepParts(to);
  const part = partOf(to);
  try {
    await copyFile(from, part);
    await chmod(part, 0o755);
    await makeWay(to);
    await rename(part, to);
  } finally {
    await rm(part, { force: true });
  }
}

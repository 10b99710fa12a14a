import { chmodSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../toolchain/paths.ts';
import { LAYOUT_FILE, type Manifest, unseal } from '../manifest.ts';
import { parentsOf } from '../paths.ts';
import { intactFiles } from '../verify.ts';

/** A file that is to lie in `site-packages`. */
interface WantedFile {
  readonly mode: number;
  readonly sha256: string;
}

type Wanted = ReadonlyMap<string, WantedFile>;

/** What of an earlier layout, which lies in its place still, is what is wanted now. */
export interface EarlierPackages {
  /** Absolute: its `site-packages`. */
  readonly folder: string;
  /** Packages and modules at the top of it that have every wanted file as it is wanted, and may hold others. */
  readonly names: ReadonlySet<string>;
}

const PACKAGES = /^lib\/[^/]+\/site-packages\//;

/**
 * Looks at the layout that an earlier job has left: to create thousands of files takes a disk seconds. Nothing is moved
 * yet. Null where there is none. `env`: names the user's cache, with the memory of what was read there.
 */
export async function earlierPackages(
  layout: string,
  wanted: Wanted,
  env: Environment,
): Promise<EarlierPackages | null> {
  const unsealed = unseal(await readFile(join(layout, LAYOUT_FILE), 'utf8').catch(() => ''));
  if (unsealed.kind !== 'layout') return null;
  const { manifest } = unsealed.layout;
  const prefix = manifest.map(({ path }) => PACKAGES.exec(path)?.[0]).find((found) => found !== undefined);
  if (prefix === undefined) return null;
  const asWanted = manifest.filter((entry) => {
    const want = entry.path.startsWith(prefix) ? wanted.get(entry.path.slice(prefix.length)) : undefined;
    const isPlain = want !== undefined && entry.kind === 'file' && !entry.tokens;
    return isPlain && entry.mode === want.mode && entry.sha256 === want.sha256;
  });
  const intact = await intactFiles(layout, asWanted, env);
  const names = new Set([...wanted.keys()].map(topOf));
  for (const path of wanted.keys()) {
    // Whoever writes to another name of a file writes to this one.
    const isHere = intact.has(prefix + path) && lstatSync(join(layout, prefix, path)).nlink === 1;
    if (!isHere) names.delete(topOf(path));
  }
  return { folder: join(layout, prefix), names };
}

/** Moves them into a folder, and removes what else lay in them: compiled modules, most of all. */
export async function takePackages(
  { folder, names }: EarlierPackages,
  files: Manifest,
  into: string,
): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path));
  const folders = new Set([...wanted].flatMap(parentsOf));
  const mode = statSync(into).mode & 0o777;
  const prune = (path: string): void => {
    const full = join(into, path);
    if (!folders.has(path)) return;
    if ((statSync(full).mode & 0o777) !== mode) chmodSync(full, mode);
    for (const item of readdirSync(full, { withFileTypes: true })) {
      const below = `${path}/${item.name}`;
      if (item.isDirectory() && folders.has(below)) prune(below);
      else if (!(item.isFile() && wanted.has(below))) rmSync(join(into, below), { recursive: true });
    }
  };
  for (const name of names) {
    await rename(join(folder, name), join(into, name));
    prune(name);
  }
}

/** The name at the top of `site-packages` that a path begins with. */
export function topOf(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { partOf } from '../../part.ts';
import type { Environment } from '../../toolchain/paths.ts';
import { LAYOUT_FILE, unseal } from '../manifest.ts';
import { clockAt, hasSettled, isSame, type Stamp, stampIfThere } from '../memory/stamp.ts';
import { parentsOf } from '../paths.ts';
import { intactFiles } from '../verify.ts';

/** A file that is to lie in `site-packages`. */
interface WantedFile {
  readonly mode: number;
  readonly sha256: string;
}

type Wanted = ReadonlyMap<string, WantedFile>;

/** What of an earlier layout is what is wanted now. */
export interface EarlierPackages {
  /** Its `site-packages`, relative to it. */
  readonly folder: string;
  /** Packages and modules at the top of it that have every wanted file as it is wanted, and may hold others. */
  readonly names: ReadonlySet<string>;
  /** How each wanted file looked before it was read, by its path below `site-packages`. */
  readonly stamps: ReadonlyMap<string, Stamp>;
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
  const folder = manifest.map(({ path }) => PACKAGES.exec(path)?.[0]).find((found) => found !== undefined);
  if (folder === undefined) return null;
  const moment = clockAt(partOf(`${layout}.clock`));
  const stamps = new Map<string, Stamp>();
  for (const path of wanted.keys()) {
    const stamp = stampIfThere(join(layout, folder, path));
    // Whoever writes to another name of a file writes to this one.
    if (stamp?.names === 1 && hasSettled(stamp, moment)) stamps.set(path, stamp);
  }
  const asWanted = manifest.filter((entry) => {
    const path = entry.path.startsWith(folder) ? entry.path.slice(folder.length) : '';
    const want = stamps.has(path) ? wanted.get(path) : undefined;
    const isPlain = want !== undefined && entry.kind === 'file' && !entry.tokens;
    return isPlain && entry.mode === want.mode && entry.sha256 === want.sha256;
  });
  const intact = await intactFiles(layout, asWanted, env);
  const names = new Set([...wanted.keys()].map(topOf));
  for (const path of wanted.keys()) if (!intact.has(folder + path)) names.delete(topOf(path));
  return { folder, names, stamps };
}

/**
 * Moves them into a folder, and removes what else lay in them: compiled modules, most of all. `layout`: where the earlier
 * one lies now, out of everybody's way. Returns the names of those that do not look as they did, and stay.
 */
export async function takePackages(
  { folder, names, stamps }: EarlierPackages,
  layout: string,
  wanted: ReadonlySet<string>,
  into: string,
): Promise<ReadonlySet<string>> {
  const packages = join(layout, folder);
  const left = new Set<string>();
  for (const path of wanted) {
    const name = topOf(path);
    if (!names.has(name) || left.has(name)) continue;
    const [then, now] = [stamps.get(path), stampIfThere(join(packages, path))];
    if (then === undefined || now === null || !isSame(then, now)) left.add(name);
  }
  const folders = new Set([...wanted].flatMap(parentsOf));
  const mode = statSync(into).mode & 0o777;
  const prune = (path: string): void => {
    if (!folders.has(path)) return;
    const full = join(into, path);
    if ((statSync(full).mode & 0o777) !== mode) chmodSync(full, mode);
    for (const item of readdirSync(full, { withFileTypes: true })) {
      const below = `${path}/${item.name}`;
      if (item.isDirectory() && folders.has(below)) prune(below);
      else if (!(item.isFile() && wanted.has(below))) rmSync(join(into, below), { recursive: true });
    }
  };
  for (const name of names) {
    if (left.has(name)) continue;
    try {
      await rename(join(packages, name), join(into, name));
      prune(name);
    } catch {
      // A lower layer of an overlay has what can't be moved.
      await rm(join(into, name), { recursive: true, force: true });
      left.add(name);
    }
  }
  return left;
}

/** The name at the top of `site-packages` that a path begins with. */
export function topOf(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

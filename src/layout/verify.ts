import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256Of } from '../digest.ts';
import type { Environment } from '../toolchain/paths.ts';
import { addedTo } from './added.ts';
import { differs, type Entry, type Manifest, OWN_FOLDER } from './manifest.ts';
import { type Memory, NO_MEMORY, openMemory } from './memory/memory.ts';
import { stampFrom, stampIfThere } from './memory/stamp.ts';
import { byBytes, parentsOf } from './paths.ts';
import { describe, placesOf } from './scan.ts';
import type { Places } from './tokens.ts';

export type Verified = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Whether the tree in `folder` is, file by file, the one that the manifest lists. Names the first difference. A file
 * that looks as the memory has it is not read.
 */
export async function verify(
  folder: string,
  manifest: Manifest,
  memory: Memory = NO_MEMORY,
): Promise<Verified> {
  const places = await placesOf(folder);
  const known = new Set(manifest.map((entry) => entry.path));
  const [added] = addedTo(places.layout, known).filter(isPart).sort(byBytes);
  let done = 0;
  for (const entry of manifest) {
    if (++done % BREATH === 0) await setImmediate();
    const reason = faultOf(entry, places, memory);
    if (reason === null) continue;
    if (added !== undefined && byBytes(added, entry.path) < 0) break;
    return { ok: false, reason };
  }
  return added === undefined ? { ok: true } : { ok: false, reason: `${added} was added` };
}

/**
 * The files of a manifest that lie in a tree as it lists them, whatever else the tree holds: by content, mode and path.
 * Nothing is written. `env`: names the user's cache, in which it may be remembered what was read of them; null reads all.
 */
export async function intactFiles(
  folder: string,
  manifest: Manifest,
  env: Environment | null,
): Promise<ReadonlySet<string>> {
  const places = await placesOf(folder);
  const memory = openMemory(places.layout, env === null ? null : { env, write: false });
  // Below a link is elsewhere.
  const folders = new Map<string, boolean>();
  const isFolder = (path: string): boolean => {
    const seen = folders.get(path) ?? lstatOf(places, path)?.isDirectory() ?? false;
    folders.set(path, seen);
    return seen;
  };
  const intact = new Set<string>();
  let done = 0;
  for (const entry of manifest) {
    if (++done % BREATH === 0) await setImmediate();
    if (entry.kind !== 'file' || !parentsOf(entry.path).every(isFolder)) continue;
    if (faultOf(entry, places, memory) === null) intact.add(entry.path);
  }
  return intact;
}

/**
 * For the next job. `memory`: opened before somebody else has read all files of the manifest, and found them in the folder
 * as it lists them.
 */
export async function remember(folder: string, manifest: Manifest, memory: Memory): Promise<void> {
  for (const entry of manifest) {
    if (entry.kind !== 'file' || entry.tokens) continue;
    const stamp = stampIfThere(`${folder}/${entry.path}`);
    if (stamp !== null) memory.learn(entry.path, stamp, entry.sha256);
  }
  await memory.keep();
}

/** Reading takes the longer the more there is to read. */
const BREATH = 64;

/** PEX stamps `.last-access` at each run: it says nothing about the layout. */
function isPart(path: string): boolean {
  const isOwn = path === OWN_FOLDER || path.startsWith(`${OWN_FOLDER}/`);
  return !isOwn && basename(path) !== '.last-access';
}

function faultOf(entry: Entry, places: Places, memory: Memory): string | null {
  const { path } = entry;
  const stats = lstatOf(places, path);
  if (stats === undefined) return differs(entry, undefined);
  const mode = stats.mode & 0o777;
  if (entry.kind === 'directory' && stats.isDirectory()) return differs(entry, { ...entry, mode });
  if (entry.kind !== 'file' || entry.tokens || !stats.isFile()) {
    const found = describe(places, path);
    return typeof found === 'string' ? found : differs(entry, found);
  }
  const stamp = stampFrom(stats);
  const remembered = memory.recall(path, stamp);
  const sha256 = remembered ?? sha256Of(readFileSync(`${places.layout}/${path}`));
  if (remembered === null) memory.learn(path, stamp, sha256);
  return differs(entry, { ...entry, mode, sha256 });
}

function lstatOf({ layout }: Places, path: string): Stats | undefined {
  return lstatSync(`${layout}/${path}`, { throwIfNoEntry: false });
}

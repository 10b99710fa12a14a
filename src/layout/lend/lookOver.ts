import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { addedTo } from '../added.ts';
import { differs, type Entry, type Manifest } from '../manifest.ts';
import { type Memory, NO_MEMORY } from '../memory/memory.ts';
import {
  clockAt,
  hasSettled,
  isOneKind,
  isSame,
  type Stamp,
  stampIfThere,
  stampOf,
} from '../memory/stamp.ts';
import { describe } from '../scan.ts';
import type { Places } from '../tokens.ts';

export interface Snapshot {
  readonly stamps: ReadonlyMap<string, Stamp>;
  /** Milliseconds, by the clock of the file system itself. */
  readonly taken: number;
}

/** The folder itself. */
const ROOT = '';

/**
 * Takes down how a tree that is exactly its manifest looks, before somebody may write to it. `clock`: a path for a file
 * of a moment, on the same file system and outside of the tree. `memory`: of whoever has just found it to be its manifest;
 * what was seen then is not asked again.
 */
export async function snapshot(
  folder: string,
  manifest: Manifest,
  clock: string,
  memory: Memory = NO_MEMORY,
): Promise<Snapshot> {
  const stamps = new Map<string, Stamp>([[ROOT, stampOf(folder)]]);
  for (const { path } of manifest) {
    stamps.set(path, memory.seen(path) ?? stampOf(`${folder}/${path}`));
    if (stamps.size % BREATH === 0) await setImmediate();
  }
  return { stamps, taken: clockAt(clock) };
}

export interface LookOverOptions {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly before: Snapshot;
  /** As the tree is filled in now. */
  readonly places: Places;
  /** The manifest is of one file, and nothing is known of what lies beside it. */
  readonly alone?: boolean;
}

export type LookedOver =
  | {
      readonly kind: 'whole';
      /** What had come, and is gone again; the folder of something, and then what lay in it. */
      readonly added: readonly string[];
    }
  | {
      readonly kind: 'damaged';
      /** The first thing that is not what it was, in words. */
      readonly reason: string;
    };

/**
 * Brings a tree back to its manifest after somebody may have written to it: what was added is removed, modes are set
 * back. Only what the system says has been touched is read again. Content that is another, or gone, is damage.
 */
export async function lookOver(options: LookOverOptions): Promise<LookedOver> {
  try {
    return await mend(options);
  } catch (error) {
    return { kind: 'damaged', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function mend({ folder, manifest, before, places, alone }: LookOverOptions): Promise<LookedOver> {
  // Folders first, the outermost before all: what can't be entered can't be looked at.
  if (alone !== true) {
    const root = before.stamps.get(ROOT);
    if (root !== undefined) setModeBack(folder, ROOT, stampOf(folder), root);
    for (const entry of manifest) {
      if (entry.kind !== 'directory') continue;
      const reason = faultOf(entry, folder, before, places);
      if (reason !== null) return damaged(reason);
    }
  }
  const added = alone === true ? [] : addedTo(folder, new Set(manifest.map((entry) => entry.path)));
  for (const path of added) rmSync(join(folder, path), { recursive: true, force: true });
  let seen = 0;
  for (const entry of manifest) {
    if (++seen % BREATH === 0) await setImmediate();
    if (entry.kind === 'directory' || isUntouched(folder, entry.path, before)) continue;
    const reason = faultOf(entry, folder, before, places);
    if (reason !== null) return damaged(reason);
  }
  return { kind: 'whole', added };
}

const BREATH = 256;

const damaged = (reason: string): LookedOver => ({ kind: 'damaged', reason });

function faultOf(entry: Entry, folder: string, before: Snapshot, places: Places): string | null {
  const now = stampIfThere(`${folder}/${entry.path}`);
  if (now === null) return differs(entry, undefined);
  const then = before.stamps.get(entry.path);
  const isSuch = entry.kind !== 'link' && then !== undefined && isOneKind(now, then);
  if (isSuch) setModeBack(folder, entry.path, now, then);
  if (isSuch && entry.kind === 'directory') return differs(entry, { ...entry, mode: then.mode & 0o777 });
  const found = describe(places, entry.path, entry.kind === 'file' && !entry.tokens);
  const difference = typeof found === 'string' ? found : differs(entry, found);
  if (difference !== null || entry.kind !== 'file') return difference;
  // Whoever writes to the other one later writes to this.
  return now.names > (then?.names ?? 1) ? `${entry.path} has got another name elsewhere` : null;
}

function setModeBack(folder: string, path: string, now: Stamp, then: Stamp): void {
  if (now.mode !== then.mode) chmodSync(`${folder}/${path}`, then.mode & 0o7777);
}

/** What changes after the snapshot gets a later `ctime`, but in the tick of the clock in which it was taken. */
function isUntouched(folder: string, path: string, { stamps, taken }: Snapshot): boolean {
  const then = stamps.get(path);
  if (then === undefined || !hasSettled(then, taken)) return false;
  const now = stampIfThere(`${folder}/${path}`);
  return now !== null && isSame(then, now);
}

import { type BigIntStats, chmodSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { differs, type Entry, type Manifest } from './manifest.ts';
import { describe } from './scan.ts';
import type { Places } from './tokens.ts';

/** What the system says of one thing in a tree; nobody but the system writes `ctime`, whatever times a program sets. */
interface Stamp {
  readonly inode: bigint;
  /** How many names it has. */
  readonly names: bigint;
  readonly size: bigint;
  /** With the bits above the nine of rwx. */
  readonly mode: number;
  readonly mtime: bigint;
  readonly ctime: bigint;
}

export interface Snapshot {
  readonly stamps: ReadonlyMap<string, Stamp>;
  /** Nanoseconds, by the clock of the file system itself. */
  readonly taken: bigint;
}

/** The folder itself. */
const ROOT = '';

/**
 * Takes down how a tree that is exactly its manifest looks, before somebody may write to it. `clock`: a path for a file
 * of a moment, on the same file system and outside of the tree.
 */
export async function snapshot(folder: string, manifest: Manifest, clock: string): Promise<Snapshot> {
  const stamps = new Map<string, Stamp>();
  for (const path of [ROOT, ...manifest.map((entry) => entry.path)]) {
    stamps.set(path, stampOf(join(folder, path)));
    if (stamps.size % BREATH === 0) await setImmediate();
  }
  writeFileSync(clock, '', { flag: 'wx' });
  const taken = stampOf(clock).ctime;
  rmSync(clock);
  return { stamps, taken };
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
    setModeBack(folder, ROOT, before);
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
  const stats = lstatSync(join(folder, entry.path), { throwIfNoEntry: false });
  if (stats === undefined) return differs(entry, undefined);
  if (entry.kind === 'directory' ? stats.isDirectory() : stats.isFile()) {
    setModeBack(folder, entry.path, before);
  }
  const found = describe(places, entry.path, entry.kind === 'file' && !entry.tokens);
  const difference = typeof found === 'string' ? found : differs(entry, found);
  if (difference !== null || entry.kind !== 'file') return difference;
  // Whoever writes to the other one later writes to this.
  const isShared = BigInt(stats.nlink) > (before.stamps.get(entry.path)?.names ?? 1n);
  return isShared ? `${entry.path} has got another name elsewhere` : null;
}

function setModeBack(folder: string, path: string, { stamps }: Snapshot): void {
  const full = join(folder, path);
  const mode = stamps.get(path)?.mode;
  if (mode !== undefined && stampOf(full).mode !== mode) chmodSync(full, mode);
}

/** What changes after the snapshot gets a later `ctime`, but in the tick of the clock in which it was taken. */
function isUntouched(folder: string, path: string, { stamps, taken }: Snapshot): boolean {
  const then = stamps.get(path);
  if (then === undefined || taken - then.ctime < tickOf(then.ctime)) return false;
  const now = stampIfThere(join(folder, path));
  return (
    now !== null &&
    now.inode === then.inode &&
    now.size === then.size &&
    now.mode === then.mode &&
    now.mtime === then.mtime &&
    now.ctime === then.ctime
  );
}

const MILLISECOND = 1_000_000n;

/** Nanoseconds; ample. A time without a fraction of a millisecond may be of a file system that counts in seconds. */
function tickOf(time: bigint): bigint {
  return time % MILLISECOND === 0n ? 3000n * MILLISECOND : 50n * MILLISECOND;
}

function stampOf(path: string): Stamp {
  return stampFrom(lstatSync(path, { bigint: true }));
}

function stampIfThere(path: string): Stamp | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : stampFrom(stats);
}

function stampFrom({ ino, nlink, size, mode, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  return { inode: ino, names: nlink, size, mode: Number(mode & 0o7777n), mtime: mtimeNs, ctime: ctimeNs };
}

/** Everything below the folder that is not known, each before what lies in it. */
function addedTo(root: string, known: ReadonlySet<string>, below = ROOT): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((item) => {
    const path = below === ROOT ? item.name : `${below}/${item.name}`;
    const inside = item.isDirectory() ? addedTo(root, known, path) : [];
    return known.has(path) ? inside : [path, ...inside];
  });
}

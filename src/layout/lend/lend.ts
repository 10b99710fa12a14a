import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { moveIntoPlace, partOf } from '../../part.ts';
import { copyLayout } from '../copy.ts';
import { type Manifest, OWN_FOLDER } from '../manifest.ts';
import type { Memory } from '../memory/memory.ts';
import { checkPlace } from '../place.ts';
import { placesOf, walk } from '../scan.ts';
import { fillIn, frozenBytes, type Places } from '../tokens.ts';
import { type LookedOver, lookOver, type Snapshot, snapshot } from './lookOver.ts';

/** A layout that is run, and may be written to meanwhile. */
export interface Lent {
  /** Where it runs. */
  readonly folder: string;
  /** To be called once nothing runs in it any more. */
  readonly giveBack: () => Promise<GivenBack>;
}

/** Whole: it lies in its place again. Damaged: that place is empty. */
export type GivenBack = LookedOver;

export interface Lendable {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** Null where it can't be moved: it runs where it lies, and whatever is done to it is not looked at. */
  readonly manifest: Manifest | null;
  /** Of whoever has just found it to be its manifest. */
  readonly memory?: Memory;
}

interface Movable extends Lendable {
  readonly manifest: Manifest;
}

/**
 * A layout for the watch, away from the checkout, in which a program could find what was not packed. It is moved there,
 * since hundreds of megabytes take seconds to copy, and looked over when it comes back: programs write to their own
 * layout (compiled modules at least). Copied where it can't be moved. While it is lent its own place is empty, so that
 * nobody can take for checked what nobody has looked over.
 *
 * @throws a `settings` problem where scripts could not be started from `place`, which must not exist.
 */
export async function lendLayout({ folder, manifest, memory }: Lendable, place: string): Promise<Lent> {
  if (manifest === null) return { folder, giveBack: async () => ({ kind: 'whole', added: [] }) };
  if (manifest.some((entry) => entry.kind === 'file' && entry.tokens)) checkPlace(place);
  const from = await placesOf(folder);
  const own = `${place}.own`;
  await mkdir(dirname(place), { recursive: true });
  try {
    await rename(folder, place);
  } catch {
    return copied({ folder, manifest }, place);
  }
  const isOwned = await moveIfThere(join(place, OWN_FOLDER), own);
  const to = { ...from, layout: place };
  const texts = await refit(place, manifest, from, to);
  const before = await snapshot(place, manifest, `${place}.clock`, memory);
  return {
    folder: place,
    giveBack: async () => {
      const looked = await lookOver({ folder: place, manifest, before, places: to });
      if (looked.kind === 'damaged') return looked;
      try {
        for (const { path, mode, bytes } of texts) await overwrite(join(place, path), mode, bytes);
        if (isOwned) await rename(own, join(place, OWN_FOLDER));
        await mkdir(dirname(folder), { recursive: true });
        await moveIntoPlace(place, folder);
      } catch (error) {
        return { kind: 'damaged', reason: error instanceof Error ? error.message : String(error) };
      }
      return looked;
    },
  };
}

/** A layout of one file runs where it lies, as it lies there for users; what lies beside it is not looked at. */
export async function lendFile({ folder, manifest }: Movable): Promise<Lent> {
  const before: Snapshot = await snapshot(folder, manifest, partOf(join(folder, 'clock')));
  const places: Places = { layout: folder, python: null, home: null };
  return {
    folder,
    giveBack: async () => {
      const looked = await lookOver({ folder, manifest, before, places, alone: true });
      if (looked.kind === 'whole') return looked;
      for (const { path } of manifest) await rm(join(folder, path), { recursive: true, force: true });
      return looked;
    },
  };
}

async function copied({ folder, manifest }: Movable, destination: string): Promise<Lent> {
  const copy = await copyLayout({ folder, manifest, destination, as: 'filled' });
  const known = new Set(manifest.map((entry) => entry.path));
  return {
    folder: copy,
    giveBack: async () => {
      const added = (await walk(copy, '').catch(() => [])).filter((path) => !known.has(path));
      return { kind: 'whole', added };
    },
  };
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  const isThere = (await lstat(from).catch(() => null)) !== null;
  if (isThere) await rename(from, to);
  return isThere;
}

interface Text {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

/** Fills other paths in. Returns the files as they were. */
async function refit(folder: string, manifest: Manifest, from: Places, to: Places): Promise<readonly Text[]> {
  const texts: Text[] = [];
  for (const entry of manifest) {
    if (entry.kind !== 'file' || !entry.tokens) continue;
    const { path, mode } = entry;
    const bytes = await readFile(join(folder, path));
    texts.push({ path, mode, bytes });
    await overwrite(join(folder, path), mode, fillIn(frozenBytes(path, bytes, from), to));
  }
  return texts;
}

async function overwrite(path: string, mode: number, bytes: Buffer): Promise<void> {
  // A read-only file stays writable for root alone.
  await chmod(path, 0o600);
  await writeFile(path, bytes);
  await chmod(path, mode);
}

import { lstatSync, statfsSync } from 'node:fs';
import { partOf } from '../../part.ts';
import { markUsed } from '../../privateFile.ts';
import type { CachePlace } from '../../toolchain/paths.ts';
import {
  memoryFile,
  readSightings,
  type Scene,
  type Sighting,
  type Sightings,
  writeSightings,
} from './memoryFile.ts';
import { clockAt, hasSettled, isSame, type Stamp } from './stamp.ts';

/**
 * What was read of plain files, by how they looked then: one that still looks so need not be read again. Of links and
 * folders, and of what lies in a folder, nothing is remembered.
 */
export interface Memory {
  /** The sha256 of what stands in a file that looks so; null where it has to be read. */
  readonly recall: (path: string, now: Stamp) => string | null;
  /** `before`: from before the file was read, or as it was written by this job alone. */
  readonly learn: (path: string, before: Stamp, sha256: string) => void;
  /** How a file looked that was recalled or learned; null of any other. */
  readonly seen: (path: string) => Stamp | null;
  /** For the next job: writes down what was recalled and learned, where any of it is new and may be. Never throws. */
  readonly keep: () => Promise<void>;
}

export const NO_MEMORY: Memory = {
  recall: () => null,
  learn: () => {},
  seen: () => null,
  keep: async () => {},
};

/**
 * What earlier jobs have seen below a folder (absolute, links resolved). Whatever is wrong with what is written there, it
 * is as if nothing were known. `place`: null for no memory.
 */
export function openMemory(folder: string, place: CachePlace | null): Memory {
  return memoryFor(folder, folder, place, readSightings);
}

/** Of a tree that lies in `part` and will lie in `folder`, where no earlier job has seen it. */
export function newMemory(folder: string, part: string, place: CachePlace | null): Memory {
  return memoryFor(folder, part, place, () => new Map());
}

function memoryFor(
  folder: string,
  lies: string,
  place: CachePlace | null,
  read: (file: string, scene: Scene) => Sightings,
): Memory {
  try {
    if (place === null || !keepsTimes(lies)) return NO_MEMORY;
    const file = memoryFile(folder, place.env);
    // Before anything is read: whatever is written from now on gets another `ctime` than what has settled.
    const opened = clockAt(partOf(`${folder}.clock`));
    const scene = { folder, device: lstatSync(lies).dev };
    return memoryOf({ file, scene, known: read(file, scene), opened, write: place.write });
  } catch {
    return NO_MEMORY;
  }
}

interface Opened {
  readonly file: string;
  readonly scene: Scene;
  readonly known: Sightings;
  /** Milliseconds, by the clock of the file system. */
  readonly opened: number;
  readonly write: boolean;
}

function memoryOf({ file, scene, known, opened, write }: Opened): Memory {
  const current = new Map<string, Sighting>();
  let isNew = false;
  return {
    recall: (path, now) => {
      const sighting = known.get(path);
      if (sighting === undefined || !isSame(sighting.stamp, now)) return null;
      current.set(path, sighting);
      return sighting.sha256;
    },
    learn: (path, before, sha256) => {
      // A larger number of an inode is rounded, and would be that of others, too.
      if (before.device !== scene.device || !Number.isSafeInteger(before.inode)) return;
      if (!hasSettled(before, opened)) return;
      current.set(path, { stamp: before, sha256 });
      isNew = true;
    },
    seen: (path) => current.get(path)?.stamp ?? null,
    keep: async () => {
      if (!write) return;
      if (isNew) await writeSightings(file, scene, current).catch(() => {});
      else await markUsed(file);
    },
  };
}

/**
 * File systems of this machine alone that write `ctime` at each change: ext2 to 4, XFS, Btrfs, tmpfs, overlay, F2FS, ZFS,
 * bcachefs. FAT has none, and of a network's file system another machine may write what is seen here seconds later.
 */
const KEEPS_TIMES: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630],
  ...[0xf2f52010, 0x2fc12fc1, 0xca451a4e],
]);

function keepsTimes(folder: string): boolean {
  return process.platform === 'linux' && KEEPS_TIMES.has(statfsSync(folder).type);
}

import { constants, lstatSync, rmSync, type Stats, writeFileSync } from 'node:fs';

/** What the system says of one thing in a tree; nobody but the system writes `ctime`, whatever times a program sets. */
export interface Stamp {
  readonly device: number;
  readonly inode: number;
  /** How many names it has. */
  readonly names: number;
  readonly size: number;
  /** What it is, and its mode, with the bits above the nine of rwx. */
  readonly mode: number;
  /** Milliseconds, to a quarter of a microsecond. */
  readonly mtime: number;
  readonly ctime: number;
}

export function stampFrom({ dev, ino, nlink, size, mode, mtimeMs, ctimeMs }: Stats): Stamp {
  return { device: dev, inode: ino, names: nlink, size, mode, mtime: mtimeMs, ctime: ctimeMs };
}

/** Throws where there is nothing. */
export function stampOf(path: string): Stamp {
  return stampFrom(lstatSync(path));
}

/** Null where there is nothing. */
export function stampIfThere(path: string): Stamp | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : stampFrom(stats);
}

/** Whether nothing was done to it in between, if the first stamp had settled when it was taken. */
export function isSame(a: Stamp, b: Stamp): boolean {
  return (
    a.device === b.device &&
    a.inode === b.inode &&
    a.names === b.names &&
    a.size === b.size &&
    a.mode === b.mode &&
    a.mtime === b.mtime &&
    a.ctime === b.ctime
  );
}

/** Both a folder, or both a plain file. */
export function isOneKind(a: Stamp, b: Stamp): boolean {
  return (a.mode & constants.S_IFMT) === (b.mode & constants.S_IFMT);
}

/**
 * Whether all that is done to it from `moment` on gives it another `ctime`: what is done within one tick of the clock
 * gives the same. `moment`: milliseconds by the clock of the file system itself.
 */
export function hasSettled({ ctime }: Stamp, moment: number): boolean {
  return moment - ctime >= tickOf(ctime);
}

/** Milliseconds; ample. A time without a fraction of a millisecond may be of a file system that counts in seconds. */
function tickOf(time: number): number {
  return Number.isInteger(time) ? 3000 : 50;
}

/** Now, by the clock of the file system. `path`: a name for a file of a moment. */
export function clockAt(path: string): number {
  writeFileSync(path, '', { flag: 'wx' });
  try {
    return lstatSync(path).ctimeMs;
  } finally {
    rmSync(path);
  }
}

import { createHash } from 'node:crypto';
import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Stamp, stampFrom } from './memory/stamp.ts';

export interface Staged {
  readonly sha256: string;
  readonly size: number;
  /** Once it was written. */
  readonly stamp: Stamp;
}

/**
 * Writes one file below a folder that nobody else writes to; `made` are folders that it has already. Synchronous: a layout
 * has thousands of small files, and each trip through the thread pool costs more than the write.
 */
export async function stage(
  folder: string,
  path: string,
  mode: number,
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
  made: Set<string> = new Set(),
): Promise<Staged> {
  const full = join(folder, path);
  const parent = dirname(full);
  if (!made.has(parent)) mkdirSync(parent, { recursive: true });
  made.add(parent);
  const hash = createHash('sha256');
  let size = 0;
  // `wx`: an entry that comes twice is a fault, and so is a link that lies there already.
  const file = openSync(full, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError(`${path}: no bytes`);
      hash.update(chunk);
      size += chunk.length;
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
    }
    // The process's umask has no say in what a layout's modes are.
    fchmodSync(file, mode);
    return { sha256: hash.digest('hex'), size, stamp: stampFrom(fstatSync(file)) };
  } finally {
    closeSync(file);
  }
}

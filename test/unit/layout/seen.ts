import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Manifest } from '../../../src/layout/manifest.ts';
import { type Memory, openMemory } from '../../../src/layout/memory/memory.ts';
import { clockAt, hasSettled, stampOf } from '../../../src/layout/memory/stamp.ts';
import { verify } from '../../../src/layout/verify.ts';
import type { CachePlace } from '../../../src/toolchain/paths.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, manifestOf, plant, type Tree } from './tree.ts';

export const TREE: Tree = {
  files: [
    { path: 'lib/run.py', mode: 0o644, pieces: ['root = "', { place: 'layout' }, '"\n'] },
    { path: 'lib/one.txt', mode: 0o644, pieces: ['one two\n'] },
    { path: 'lib/two.txt', mode: 0o644, pieces: ['two one\n'] },
  ],
  binaries: [{ path: 'lib/native.so', bytes: Uint8Array.from([0, 1, 2]) }],
  links: [{ path: 'lib/link', target: '../pyvenv.cfg' }],
  empty: ['empty'],
};
/** Those without paths of this machine. */
export const PLAIN = ['lib/native.so', 'lib/one.txt', 'lib/two.txt'];

/** Until whatever is written now gets another time than what the tree has. */
export async function settled(folder: string, clock: string): Promise<void> {
  const stamps = PLAIN.map((path) => stampOf(join(folder, path)));
  while (!stamps.every((stamp) => hasSettled(stamp, clockAt(clock)))) await setTimeout(10);
}

/** Whether a tree is its manifest, and which files had to be read for it. */
export async function verified(folder: string, manifest: Manifest, place: CachePlace | null) {
  const memory = openMemory(folder, place);
  const read: string[] = [];
  const watched: Memory = {
    ...memory,
    learn: (path, ...rest) => {
      read.push(path);
      memory.learn(path, ...rest);
    },
  };
  const outcome = await verify(folder, manifest, watched);
  await memory.keep();
  return { ...outcome, read };
}

/** A tree that was there long before it was verified, in a job that remembers it. */
export async function seen() {
  const root = temporaryFolder('memory');
  const folder = join(root, 'layout');
  const place: CachePlace = { env: { XDG_CACHE_HOME: join(root, 'cache') }, write: true };
  plant(folder, TREE, BASE);
  for (const path of PLAIN) utimesSync(join(folder, path), 1_000_000_000, 1_000_000_000);
  const manifest = await manifestOf(folder);
  await settled(folder, join(root, 'clock'));
  const first = await verified(folder, manifest, place);
  const memories = join(root, 'cache', 'exitproof', 'seen');
  const [name = ''] = existsSync(memories) ? readdirSync(memories) : [];
  return { root, folder, place, manifest, first, memories, file: join(memories, name) };
}

/** As exitproof would have written it. */
export function forge(file: string, change: (written: Record<string, unknown>) => void): void {
  const written = JSON.parse(readFileSync(file, 'utf8').split('\n')[1] ?? '') as Record<string, unknown>;
  change(written);
  const text = JSON.stringify(written);
  writeFileSync(file, `${createHash('sha256').update(text).digest('hex')}\n${text}`);
}

/** Other bytes of the same length, and the time that was there before. */
export function rewrite(path: string): void {
  const { atimeMs, mtimeMs } = lstatSync(path);
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
}

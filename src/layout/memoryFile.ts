import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { partOf } from '../part.ts';
import { cacheRoot, type Environment } from '../toolchain/paths.ts';
import type { Stamp } from './stamp.ts';

/** What stood in a plain file, and how it looked then. */
export interface Sighting {
  readonly stamp: Stamp;
  readonly sha256: string;
}

export type Sightings = ReadonlyMap<string, Sighting>;

/** Where they were made. */
export interface Scene {
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly device: number;
}

/** Raised whenever what is written is read otherwise. */
const FORMAT = 1;

/** One column for each thing: a layout has ten thousand files, and this is read before anything else can go on. */
const schema = v.strictObject({
  format: v.literal(FORMAT),
  folder: v.string(),
  device: v.number(),
  paths: v.array(v.string()),
  sha256: v.array(v.string()),
  inode: v.array(v.number()),
  names: v.array(v.number()),
  size: v.array(v.number()),
  mode: v.array(v.number()),
  mtime: v.array(v.number()),
  ctime: v.array(v.number()),
});

/** One file for each folder. Throws where the user's cache can't be used. */
export function memoryFile(folder: string, env: Environment): string {
  return join(cacheRoot(env), 'seen', `${sha256Of(folder)}.json`);
}

/** None where they are not what was written, or of another place or format, or may be somebody else's. */
export function readSightings(file: string, { folder, device }: Scene): Sightings {
  const none: Sightings = new Map();
  const stats = lstatSync(file, { throwIfNoEntry: false });
  const isOwn = stats?.isFile() === true && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
  if (!isOwn) return none;
  const [digest, text = ''] = readFileSync(file, 'utf8').split('\n', 2);
  if (digest !== sha256Of(text)) return none;
  const parsed = v.safeParse(schema, JSON.parse(text));
  if (!parsed.success) return none;
  const { paths, sha256, inode, names, size, mode, mtime, ctime, ...scene } = parsed.output;
  if (scene.folder !== folder || scene.device !== device) return none;
  const sightings = new Map<string, Sighting>();
  for (const [index, path] of paths.entries()) {
    const stamp = {
      device,
      inode: inode[index] ?? Number.NaN,
      names: names[index] ?? Number.NaN,
      size: size[index] ?? Number.NaN,
      mode: mode[index] ?? Number.NaN,
      mtime: mtime[index] ?? Number.NaN,
      ctime: ctime[index] ?? Number.NaN,
    };
    sightings.set(path, { stamp, sha256: sha256[index] ?? '' });
  }
  return sightings;
}

/** Whole or not at all. */
export async function writeSightings(file: string, scene: Scene, sightings: Sightings): Promise<void> {
  const all = [...sightings.values()];
  const column = (of: keyof Stamp): number[] => all.map(({ stamp }) => stamp[of]);
  const text = JSON.stringify({
    format: FORMAT,
    ...scene,
    paths: [...sightings.keys()],
    sha256: all.map(({ sha256 }) => sha256),
    inode: column('inode'),
    names: column('names'),
    size: column('size'),
    mode: column('mode'),
    mtime: column('mtime'),
    ctime: column('ctime'),
  } satisfies v.InferOutput<typeof schema>);
  const part = partOf(file);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(part, `${sha256Of(text)}\n${text}\n`, { mode: 0o600, flag: 'wx' });
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** What is not used for long is removed. Never throws. */
export async function markUsed(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

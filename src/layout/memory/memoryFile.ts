import { join } from 'node:path';
import * as v from 'valibot';
import { sha256Of } from '../../digest.ts';
import { readPrivate, writePrivate } from '../../privateFile.ts';
import { cacheRoot, type Environment } from '../../toolchain/paths.ts';
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

/** A layout has ten thousand files, and nothing can go on before this is read: each column is one text. */
const schema = v.strictObject({
  format: v.literal(FORMAT),
  folder: v.string(),
  device: v.number(),
  /** A line each; none has a line break. */
  paths: v.string(),
  /** In hexadecimal, one after the other. */
  sha256: v.string(),
  /** Doubles of this machine, in base64. */
  stamps: v.string(),
});

/** Digits. */
const HASH = 64;
/** Numbers. */
const STAMP = 6;

/** One file for each folder. Throws where the user's cache can't be used. */
export function memoryFile(folder: string, env: Environment): string {
  return join(cacheRoot(env), 'seen', `${sha256Of(folder)}.json`);
}

/** None where they are not what was written, or of another place or format, or may be somebody else's. */
export function readSightings(file: string, { folder, device }: Scene): Sightings {
  const none: Sightings = new Map();
  const written = readPrivate(file);
  if (written === null) return none;
  const [digest, text] = [written.toString('latin1', 0, HASH), written.subarray(HASH + 1)];
  if (digest !== sha256Of(text)) return none;
  const parsed = v.safeParse(schema, JSON.parse(text.toString('utf8')));
  if (!parsed.success) return none;
  const { sha256, stamps, ...scene } = parsed.output;
  if (scene.folder !== folder || scene.device !== device) return none;
  const paths = scene.paths.split('\n');
  const bytes = Buffer.from(stamps, 'base64');
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  if (sha256.length !== HASH * paths.length || numbers.length !== STAMP * paths.length) return none;
  const known = new Map<string, Sighting>();
  for (const [index, path] of paths.entries()) {
    const at = STAMP * index;
    const stamp = {
      device,
      inode: numbers[at] ?? 0,
      names: numbers[at + 1] ?? 0,
      size: numbers[at + 2] ?? 0,
      mode: numbers[at + 3] ?? 0,
      mtime: numbers[at + 4] ?? 0,
      ctime: numbers[at + 5] ?? 0,
    };
    known.set(path, { stamp, sha256: sha256.slice(HASH * index, HASH * (index + 1)) });
  }
  return known;
}

/** Whole or not at all. */
export async function writeSightings(file: string, scene: Scene, sightings: Sightings): Promise<void> {
  const all = [...sightings.values()];
  const numbers = all.flatMap(({ stamp: { inode, names, size, mode, mtime, ctime } }) => {
    return [inode, names, size, mode, mtime, ctime];
  });
  const text = JSON.stringify({
    format: FORMAT,
    ...scene,
    paths: [...sightings.keys()].join('\n'),
    sha256: all.map(({ sha256 }) => sha256).join(''),
    stamps: Buffer.from(new Float64Array(numbers).buffer).toString('base64'),
  } satisfies v.InferOutput<typeof schema>);
  await writePrivate(file, `${sha256Of(text)}\n${text}`);
}

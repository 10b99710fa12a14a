import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LAYOUT_FILE, unseal } from './manifest.ts';
import { placesOf } from './scan.ts';
import type { Thawed, ThawOptions } from './thawed.ts';
import { readHead } from './unpack.ts';
import { verify } from './verify.ts';

/**
 * The layout of a frozen file, where an earlier job has left it in the very place: every file, link, mode and folder is
 * compared with the manifest, as if it had been unpacked now, and nothing is written. Null where anything differs.
 */
export async function alreadyThawed(options: ThawOptions): Promise<Thawed | null> {
  const { file, destination, interpreter, artifact } = options;
  const own = await readFile(join(destination, LAYOUT_FILE), 'utf8').catch(() => null);
  if (own === null) return null;
  const head = await readHead(file).catch(() => null);
  if (head === null || head.layout !== own) return null;
  const unsealed = unseal(own);
  if (unsealed.kind !== 'layout') return null;
  const { layout, digest } = unsealed;

  const beside = await readdir(dirname(join(destination, LAYOUT_FILE)));
  const places = await placesOf(destination);
  const isFitted =
    layout.info.layout !== 'venv' ||
    (places.python === interpreter?.python && places.home === interpreter?.home);
  const isHere = beside.length === 1 && places.layout === destination && isFitted;
  if (!isHere || !(await verify(destination, layout.manifest)).ok) return null;

  const made = layout.info.artifact;
  if (artifact !== null && (made === null || (await executableDigest(artifact)) !== made.sha256)) return null;
  return { kind: 'thawed', folder: destination, layout, digest, record: head.record, artifact };
}

/** Null for what is no executable file. */
async function executableDigest(path: string): Promise<string | null> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null || !stats.isFile() || (stats.mode & 0o777) !== 0o755) return null;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

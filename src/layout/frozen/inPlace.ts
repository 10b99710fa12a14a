import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256File } from '../../digest.ts';
import type { CachePlace } from '../../toolchain/paths.ts';
import { LAYOUT_FILE, unseal } from '../manifest.ts';
import { openMemory } from '../memory/memory.ts';
import { stampIfThere } from '../memory/stamp.ts';
import { placesOf } from '../scan.ts';
import { verify } from '../verify.ts';
import { interpreterFor, type Thawed, type ThawOptions } from './thawed.ts';
import { readHead } from './unpack.ts';

/**
 * The layout of a frozen file, where an earlier job has left it in the very place: every file, link, mode and folder is
 * compared with the manifest, as if it had been unpacked now, and nothing is written. Null where anything differs.
 */
export async function alreadyThawed(options: ThawOptions): Promise<Thawed | null> {
  const { file, destination, artifact, memory: place = null } = options;
  const own = await readFile(join(destination, LAYOUT_FILE), 'utf8').catch(() => null);
  if (own === null) return null;
  const head = await readHead(file).catch(() => null);
  if (head === null || head.layout !== own) return null;
  const unsealed = unseal(own);
  if (unsealed.kind !== 'layout') return null;
  const { layout, digest } = unsealed;
  const interpreter = await interpreterFor(options, layout);

  const beside = await readdir(dirname(join(destination, LAYOUT_FILE)));
  const places = await placesOf(destination);
  const isFitted =
    layout.info.layout !== 'venv' ||
    (places.python === interpreter?.python && places.home === interpreter?.home);
  const isHere = beside.length === 1 && places.layout === destination && isFitted;
  if (!isHere) return null;
  const memory = openMemory(destination, place);
  const verified = await verify(destination, layout.manifest, memory);
  await memory.keep();
  if (!verified.ok) return null;

  const made = layout.info.artifact;
  if (artifact !== null && (made === null || (await executableDigest(artifact, place)) !== made.sha256))
    return null;
  return {
    kind: 'thawed',
    folder: destination,
    layout,
    interpreter,
    digest,
    memory,
    record: head.record,
    artifact,
  };
}

const EXECUTABLE = 0o100755;

/** Null for what is no executable file. */
async function executableDigest(path: string, place: CachePlace | null): Promise<string | null> {
  const memory = openMemory(await realpath(dirname(path)), place);
  const stamp = stampIfThere(path);
  if (stamp?.mode !== EXECUTABLE) return null;
  const name = basename(path);
  const known = memory.recall(name, stamp);
  const sha256 = known ?? (await sha256File(path));
  if (known === null) memory.learn(name, stamp, sha256);
  await memory.keep();
  return sha256;
}

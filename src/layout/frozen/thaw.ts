import { chmod, lstat, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { moveIntoPlace, partOf, sweepParts } from '../../part.ts';
import { machine } from '../../toolchain/machine.ts';
import { misfit } from '../fit.ts';
import { type FrozenLayout, LAYOUT_FILE, unsealJson } from '../manifest.ts';
import { newMemory } from '../memory/memory.ts';
import { checkPlace, checkReplaceable, makeParent, removeMade } from '../place.ts';
import { fillIn, type Places, TOKEN } from '../tokens.ts';
import { FROZEN } from './freeze.ts';
import { alreadyThawed } from './inPlace.ts';
import { interpreterFor, type Thaw, type ThawOptions } from './thawed.ts';
import { Corrupt, isMachineFault, type StagedFile, unpack } from './unpack.ts';

/**
 * Unpacks beside the destination, verifies every file, fills the paths in, and moves the tree into place in one
 * step. What is not exactly what was frozen leaves nothing behind.
 * Throws a settings problem for a destination that can't be used.
 */
export async function thaw(options: ThawOptions): Promise<Thaw> {
  const made = await makeParent(options.destination);
  let outcome: Thaw | null = null;
  try {
    outcome = await thawAt(options);
    return outcome;
  } finally {
    if (outcome?.kind !== 'thawed') await removeMade(options.destination, made);
  }
}

async function thawAt(options: ThawOptions): Promise<Thaw> {
  const destination = join(await realpath(dirname(options.destination)), basename(options.destination));
  await checkReplaceable(destination);
  await sweepParts(destination);
  const stayed = options.mayStay === true ? alreadyThawed({ ...options, destination }) : null;
  // What can't be read there is unpacked anew.
  const there = await stayed?.catch(() => null);
  if (there) {
    const reason = misfit(there.layout.info, there.interpreter, await machine());
    return reason === null ? there : { kind: 'unfit', reason };
  }
  const part = partOf(destination);
  const loose = partOf(`${destination}.loose`);
  try {
    await mkdir(part);
    return await thawInto({ ...options, destination }, part, loose);
  } catch (error) {
    if (error instanceof Corrupt) return { kind: 'corrupt', reason: error.message };
    if (isMachineFault(error))
      return { kind: 'no-room', reason: `it could not be unpacked: ${error.message}` };
    throw error;
  } finally {
    for (const folder of [part, loose]) await rm(folder, { recursive: true, force: true });
  }
}

async function thawInto(options: ThawOptions, part: string, loose: string): Promise<Thaw> {
  const staged = await unpack(options, part, loose);
  const { unsealed } = staged;
  if (unsealed === null) throw new Corrupt(`${LAYOUT_FILE} is missing`);
  if (unsealed.kind === 'other-format') return { kind: 'unfit', reason: unsealed.reason };
  const { layout, digest } = unsealed;

  compare(layout, staged.tree);
  // Any other has no path in it.
  if (layout.info.layout === 'venv') checkPlace(options.destination);
  const interpreter = await interpreterFor(options, layout);
  const unfit = misfit(layout.info, interpreter, await machine());
  if (unfit !== null) return { kind: 'unfit', reason: unfit };
  const artifact = checkArtifact(layout, staged.loose, options.artifact !== null);
  await complete(layout, part, {
    layout: options.destination,
    python: interpreter?.python ?? null,
    home: interpreter?.home ?? null,
  });

  const record =
    options.form === 'archive'
      ? null
      : parseRecord(await readFile(join(loose, FROZEN.record), 'utf8').catch(() => ''));
  let kept: string | null = null;
  if (options.artifact !== null && artifact !== null) {
    await mkdir(dirname(options.artifact), { recursive: true });
    await chmod(join(loose, artifact), 0o755);
    await rename(join(loose, artifact), options.artifact);
    kept = options.artifact;
  }
  // Nobody but this job has known its folder until now.
  const memory = newMemory(options.destination, part, options.memory ?? null);
  for (const entry of layout.manifest) {
    const stamp = staged.tree.get(entry.path)?.stamp;
    if (entry.kind !== 'file' || entry.tokens || stamp === undefined) continue;
    memory.learn(entry.path, stamp, entry.sha256);
  }
  await moveIntoPlace(part, options.destination);
  await memory.keep();
  return {
    kind: 'thawed',
    folder: options.destination,
    layout,
    interpreter,
    digest,
    memory,
    record,
    artifact: kept,
  };
}

/** Throws with the first file that is not as it was frozen. */
function compare(layout: FrozenLayout, staged: ReadonlyMap<string, StagedFile>): void {
  const left = new Set(staged.keys());
  left.delete(LAYOUT_FILE);
  for (const entry of layout.manifest) {
    if (entry.kind !== 'file') continue;
    const found = staged.get(entry.path);
    if (found === undefined) throw new Corrupt(`${entry.path} is missing`);
    if (found.sha256 !== entry.sha256) throw new Corrupt(`${entry.path} has other content`);
    if (found.mode !== entry.mode) throw new Corrupt(`${entry.path} has another mode`);
    left.delete(entry.path);
  }
  const [added] = left;
  if (added !== undefined) throw new Corrupt(`${added} was added`);
}

function checkArtifact(
  layout: FrozenLayout,
  loose: ReadonlyMap<string, StagedFile>,
  wanted: boolean,
): string | null {
  const expected = layout.info.artifact;
  const path = `${FROZEN.artifact}/${expected?.name ?? ''}`;
  for (const name of loose.keys()) {
    if (name !== FROZEN.record && name !== path) throw new Corrupt(`${name} was added`);
  }
  const found = loose.get(path);
  if (expected === null) return null;
  if (found === undefined && wanted) throw new Corrupt(`${path} is missing`);
  if (found === undefined) return null;
  if (found.sha256 !== expected.sha256) throw new Corrupt(`${path} has other content`);
  return path;
}

/** Folders, filled-in paths, and links: last, so that nothing is ever written through one. */
async function complete(layout: FrozenLayout, part: string, places: Places): Promise<void> {
  for (const entry of layout.manifest) {
    if (entry.kind === 'directory') await mkdir(join(part, entry.path), { recursive: true });
    if (entry.kind !== 'file' || !entry.tokens) continue;
    const full = join(part, entry.path);
    const filled = fillIn(await readFile(full), places);
    // A read-only file stays writable for root alone.
    await chmod(full, 0o600);
    await writeFile(full, filled);
    await chmod(full, entry.mode);
  }
  for (const entry of layout.manifest) {
    if (entry.kind !== 'link') continue;
    const target = entry.target === TOKEN.python ? (places.python ?? '') : entry.target;
    await symlink(target, join(part, entry.path));
  }
  // From the innermost: a folder without the write bit takes nothing more.
  for (const entry of [...layout.manifest].reverse()) {
    if (entry.kind !== 'directory') continue;
    const full = join(part, entry.path);
    if (((await lstat(full)).mode & 0o777) !== entry.mode) await chmod(full, entry.mode);
  }
}

function parseRecord(text: string): unknown {
  const sealed = unsealJson(text);
  if (sealed === null) throw new Corrupt(`${FROZEN.record} is not what was written`);
  return sealed.value;
}

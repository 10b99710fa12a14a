import { createReadStream } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { FROZEN } from './freeze.ts';
import type { BaseInterpreter } from './interpreter.ts';
import { type FrozenLayout, LAYOUT_FILE, OWN_FOLDER, unseal } from './manifest.ts';
import { unsafePath } from './paths.ts';
import { checkPlace, checkReplaceable, moveIntoPlace, partOf } from './place.ts';
import { type Staged, stage } from './stage.ts';
import { fillIn, type Places, TOKEN } from './tokens.ts';

export interface ThawOptions {
  /** A frozen layout (`cache`), or a `.tar` or `.tar.gz` that exitproof wrote for download (`archive`). */
  readonly file: string;
  readonly form: 'cache' | 'archive';
  readonly destination: string;
  readonly interpreter: BaseInterpreter;
  /** Where the artifact goes; null leaves it out. */
  readonly artifact: string | null;
}

export interface Thawed {
  readonly kind: 'thawed';
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly layout: FrozenLayout;
  readonly digest: string;
  readonly record: unknown;
  readonly artifact: string | null;
}

export type Thaw = Thawed | { readonly kind: 'corrupt'; readonly reason: string };

/**
 * Unpacks beside the destination, verifies every file, fills the paths in, and moves the tree into place in one
 * step. What is not exactly what was frozen leaves nothing behind.
 * Throws a settings problem for a destination that can't be used.
 */
export async function thaw(options: ThawOptions): Promise<Thaw> {
  const parent = dirname(options.destination);
  await mkdir(parent, { recursive: true });
  const destination = join(await realpath(parent), basename(options.destination));
  checkPlace(destination);
  await checkReplaceable(destination);
  const part = partOf(destination);
  const loose = partOf(`${destination}.loose`);
  try {
    for (const folder of [part, loose]) await rm(folder, { recursive: true, force: true });
    await mkdir(part);
    return await thawInto({ ...options, destination }, part, loose);
  } catch (error) {
    if (error instanceof Corrupt) return { kind: 'corrupt', reason: error.message };
    throw error;
  } finally {
    for (const folder of [part, loose]) await rm(folder, { recursive: true, force: true });
  }
}

class Corrupt extends Error {}

async function thawInto(options: ThawOptions, part: string, loose: string): Promise<Thawed> {
  const staged = await unpack(options, part, loose);
  const text = await readFile(join(part, LAYOUT_FILE), 'utf8').catch(() => null);
  if (text === null) throw new Corrupt(`${LAYOUT_FILE} is missing`);
  const unsealed = unseal(text);
  if (unsealed.kind === 'corrupt') throw new Corrupt(unsealed.reason);
  const { layout, digest } = unsealed;

  compare(layout, staged.tree);
  const artifact = checkArtifact(layout, staged.loose);
  await complete(layout, part, {
    layout: options.destination,
    python: options.interpreter.python,
    home: options.interpreter.home,
  });

  let kept: string | null = null;
  if (options.artifact !== null && artifact !== null) {
    await mkdir(dirname(options.artifact), { recursive: true });
    const beside = partOf(options.artifact);
    await chmod(join(loose, artifact), 0o755);
    await rename(join(loose, artifact), beside);
    await rename(beside, options.artifact);
    kept = options.artifact;
  }
  const record = await readFile(join(loose, FROZEN.record), 'utf8').catch(() => 'null');
  await moveIntoPlace(part, options.destination);
  return {
    kind: 'thawed',
    folder: options.destination,
    layout,
    digest,
    record: parseRecord(record),
    artifact: kept,
  };
}

interface StagedFile extends Staged {
  readonly mode: number;
}

/** Files only: whatever else the tar lists, the manifest decides what is made. */
async function unpack(
  { file, form }: ThawOptions,
  part: string,
  loose: string,
): Promise<{ tree: Map<string, StagedFile>; loose: Map<string, StagedFile> }> {
  const { extract } = await import('tar-stream');
  const tar = extract();
  const source = createReadStream(file);
  const fail = (error: Error): void => void tar.destroy(error);
  source.on('error', fail);
  if (await isGzip(file)) source.pipe(createGunzip().on('error', fail)).pipe(tar);
  else source.pipe(tar);
  const staged = { tree: new Map<string, StagedFile>(), loose: new Map<string, StagedFile>() };
  try {
    for await (const entry of tar) {
      const place = placeOf(entry.header, form);
      if (place === null) {
        entry.resume();
        continue;
      }
      const mode = (entry.header.mode ?? 0o644) & 0o777;
      const into = place.tree ? part : loose;
      const { sha256, size } = await stage(into, place.path, mode, entry);
      (place.tree ? staged.tree : staged.loose).set(place.path, { sha256, size, mode });
    }
  } catch (error) {
    if (error instanceof Corrupt) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new Corrupt(`the file can't be read as a tar: ${text}`);
  } finally {
    source.destroy();
  }
  return staged;
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** Where an entry belongs, or null for what the manifest makes anyway. Throws for what has no business in here. */
function placeOf(header: Header, form: ThawOptions['form']): { tree: boolean; path: string } | null {
  const name = header.type === 'directory' ? header.name.replace(/\/+$/, '') : header.name;
  const fault = unsafePath(name);
  if (fault !== null) throw new Corrupt(`${JSON.stringify(name)}: the path ${fault}`);
  if (header.type === 'directory') return null;
  const slash = name.indexOf('/');
  const path = name.slice(slash + 1);
  // Archives carry links for those who unpack them by hand.
  if (header.type === 'symlink' && form === 'archive') return null;
  if (header.type !== 'file' && header.type !== 'contiguous-file') {
    throw new Corrupt(`${JSON.stringify(name)} is a ${header.type ?? 'thing without a type'}`);
  }
  if (slash < 0) throw new Corrupt(`${JSON.stringify(name)} lies in no folder`);
  if (form === 'archive') {
    if (path.startsWith(`${OWN_FOLDER}/`) && path !== LAYOUT_FILE) return null;
    return { tree: true, path };
  }
  return name.startsWith(`${FROZEN.tree}/`) ? { tree: true, path } : { tree: false, path: name };
}

/** Throws with the first file that is not as it was frozen. */
function compare(layout: FrozenLayout, staged: Map<string, StagedFile>): void {
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

function checkArtifact(layout: FrozenLayout, loose: Map<string, StagedFile>): string | null {
  const expected = layout.info.artifact;
  const path = `${FROZEN.artifact}/${expected?.name ?? ''}`;
  for (const name of loose.keys()) {
    if (name !== FROZEN.record && name !== path) throw new Corrupt(`${name} was added`);
  }
  const found = loose.get(path);
  if (expected === null || found === undefined) return null;
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
  try {
    return JSON.parse(text);
  } catch {
    throw new Corrupt(`${FROZEN.record} is not JSON`);
  }
}

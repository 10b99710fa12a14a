import { createReadStream, readFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { cancelledBy } from '../../cancel.ts';
import { isProblem } from '../../problem.ts';
import { LAYOUT_FILE, OWN_FOLDER, type Unsealed, unseal, unsealJson } from '../manifest.ts';
import { unsafePath } from '../paths.ts';
import { type Staged, stage } from '../stage.ts';
import { allowance } from './allowance.ts';
import { FROZEN } from './freeze.ts';

/** A frozen layout (`cache`), or a `.tar` or `.tar.gz` that exitproof wrote for download (`archive`). */
export type FrozenForm = 'cache' | 'archive';

/** Thrown for whatever is not as it was frozen; `thaw` turns it into a result. */
export class Corrupt extends Error {}

export interface StagedFile extends Staged {
  readonly mode: number;
}

/** The disk's or the machine's fault, not the file's. */
const MACHINE_FAULTS = new Set([
  ...['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM'],
  ...['EIO', 'EMFILE', 'ENFILE', 'ENOMEM'],
]);

export function isMachineFault(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && MACHINE_FAULTS.has(String(error.code));
}

/** Bytes. */
const AT_ONCE = 1 << 20;

export interface Unpacked {
  readonly tree: ReadonlyMap<string, StagedFile>;
  readonly loose: ReadonlyMap<string, StagedFile>;
  /** Null where none came. Of another format, nothing after it was unpacked. */
  readonly unsealed: Exclude<Unsealed, { readonly kind: 'corrupt' }> | null;
}

/**
 * Files only: whatever else the tar lists, the manifest decides what is made. Once that has come, nothing is written that
 * it doesn't list, or that is larger than it says.
 */
export async function unpack(
  { file, form, cancel }: { readonly file: string; readonly form: FrozenForm; readonly cancel?: AbortSignal },
  part: string,
  loose: string,
): Promise<Unpacked> {
  // The default: a bundled CommonJS package has no other export when it is imported late.
  const { extract } = (await import('tar-stream')).default;
  const tar = extract();
  const source = createReadStream(file, { highWaterMark: AT_ONCE });
  const fail = (error: Error): void => void tar.destroy(error);
  source.on('error', fail);
  const allowed = allowance((await stat(file)).size);
  const count = (chunk: Buffer): void => {
    if (allowed.exceeds(chunk.length)) fail(new Corrupt('it unpacks to more than its manifest lists'));
  };
  // What stores keep is packed by them, if at all.
  const isPacked = form === 'archive' && (await isGzip(file));
  if (isPacked) source.pipe(createGunzip().on('error', fail).on('data', count)).pipe(tar);
  else source.pipe(tar);
  const made = new Set<string>();
  const staged = { tree: new Map<string, StagedFile>(), loose: new Map<string, StagedFile>() };
  let unsealed: Unpacked['unsealed'] = null;
  let sizes: ReadonlyMap<string, number> | null = null;
  try {
    for await (const entry of tar) {
      if (cancel?.aborted === true) throw cancelledBy(cancel);
      const place = placeOf(entry.header, form);
      if (place === null) {
        entry.resume();
        continue;
      }
      checkSize(place, entry.header.size ?? 0, sizes);
      const mode = (entry.header.mode ?? 0o644) & 0o777;
      const into = place.tree ? part : loose;
      const file = await stage(into, place.path, mode, entry, made);
      (place.tree ? staged.tree : staged.loose).set(place.path, { ...file, mode });
      if (!place.tree || place.path !== LAYOUT_FILE) continue;
      const found = unseal(readFileSync(join(part, LAYOUT_FILE), 'utf8'));
      if (found.kind === 'corrupt') throw new Corrupt(found.reason);
      unsealed = found;
      if (found.kind === 'other-format') break;
      const { manifest } = found.layout;
      allowed.listed(manifest);
      sizes = new Map(manifest.flatMap((one) => (one.kind === 'file' ? [[one.path, one.size]] : [])));
    }
  } catch (error) {
    if (error instanceof Corrupt || isProblem(error) || isMachineFault(error)) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new Corrupt(`the file can't be read as a tar: ${text}`);
  } finally {
    source.destroy();
  }
  return { ...staged, unsealed };
}

/** Before anything of it is written; `sizes`: of the manifest, where that has come. */
function checkSize(
  { tree, path }: { readonly tree: boolean; readonly path: string },
  size: number,
  sizes: ReadonlyMap<string, number> | null,
): void {
  const limit = HEAD_LIMITS.get(tree ? `${FROZEN.tree}/${path}` : path);
  if (limit !== undefined && size > limit) throw new Corrupt(`${path} is too large`);
  if (!tree || sizes === null || path === LAYOUT_FILE) return;
  const listed = sizes.get(path);
  if (listed === undefined) throw new Corrupt(`${path} was added`);
  if (size !== listed) throw new Corrupt(`${path} has ${size} bytes, and the manifest lists ${listed}`);
}

async function isGzip(file: string): Promise<boolean> {
  return (await headOf(file)).startsWith('\x1f\x8b');
}

const LAYOUT = `${FROZEN.tree}/${LAYOUT_FILE}`;
/** Bytes: more than any of them has. A manifest has some 150 a file. */
const HEAD_LIMITS: ReadonlyMap<string, number> = new Map([
  [LAYOUT, 1 << 28],
  [FROZEN.record, 1 << 20],
]);

export interface FrozenHead {
  /** The text of `layout.json`. */
  readonly layout: string;
  readonly record: unknown;
}

/** What stands at the beginning of a frozen layout, before its tree; nothing after it is read. */
export async function readHead(file: string): Promise<FrozenHead> {
  const { extract } = (await import('tar-stream')).default;
  const source = createReadStream(file);
  const tar = source.pipe(extract());
  source.on('error', (error) => void tar.destroy(error));
  const found = new Map<string, string>();
  try {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      const limit = HEAD_LIMITS.get(name);
      if (limit === undefined) break;
      if (size > limit) throw new Corrupt(`${name} is too large`);
      found.set(name, await text(entry));
    }
  } finally {
    source.destroy();
    tar.destroy();
  }
  const record = found.get(FROZEN.record);
  if (record === undefined) throw new Corrupt('the record is missing');
  const sealed = unsealJson(record);
  if (sealed === null) throw new Corrupt(`${FROZEN.record} is not what was written`);
  return { layout: found.get(LAYOUT) ?? '', record: sealed.value };
}

/** The record of a frozen layout alone. */
export async function readRecord(file: string): Promise<unknown> {
  return (await readHead(file)).record;
}

/** The first four bytes, as latin1. */
export async function headOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Where an entry belongs, or null for what the manifest makes anyway. Throws for what has no business in here. */
function placeOf(header: Header, form: FrozenForm): { tree: boolean; path: string } | null {
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

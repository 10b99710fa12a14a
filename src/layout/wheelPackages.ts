import { createHash } from 'node:crypto';
import { closeSync, fchmodSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { openPromise, type ZipFile, type Entry as ZipMember } from 'yauzl';
import type { Entry } from './manifest.ts';
import { unsafePath } from './paths.ts';
import { stage } from './stage.ts';

export type FileEntry = Extract<Entry, { readonly kind: 'file' }>;

/** A file that an installer puts into `site-packages` as it is. */
interface PackageFile {
  /** Relative to `site-packages`. */
  readonly path: string;
  readonly mode: number;
  /** What the wheel's own `RECORD` says. */
  readonly sha256: string;
  readonly member: ZipMember;
}

/** What only the packager knows how to install. */
class Unusual extends Error {}

/** Members of a wheel that an installer makes others of, or puts elsewhere. */
const NOT_A_PACKAGE = /^[^/]+\.(?:dist-info|data)\//;
const RECORD = /^[^/]+\.dist-info\/RECORD$/;
const RECORD_LINE = /^(?:"((?:[^"]|"")*)"|([^",]*)),(?:sha256=([\w-]+))?,\d*$/;

/** Bytes. Larger files are not read whole. */
const STREAMED_FROM = 64 << 20;
const STORED = 0;
const DEFLATED = 8;
const BREATH = 64;

export interface UnpackedWheels<W> {
  /** Those of which the packages were unpacked; the others are not plain. */
  readonly wheels: readonly W[];
  /** Paths are relative to `site-packages`. */
  readonly files: readonly FileEntry[];
}

/**
 * Unpacks the packages of wheels into one folder, as `site-packages` will have them, and nothing else of the wheels.
 * Each file's hash is compared with the wheel's `RECORD`.
 *
 * @throws where two wheels have another file under one name, or a file is not what the `RECORD` says.
 */
export async function unpackPackages<W extends { readonly path: string }>(
  wheels: readonly W[],
  folder: string,
  cancel?: AbortSignal,
): Promise<UnpackedWheels<W>> {
  const found = new Map<string, FileEntry>();
  const made = new Set<string>();
  const plain: W[] = [];
  for (const wheel of wheels) {
    const zip = await openPromise(wheel.path, { autoClose: false });
    const source = openSync(wheel.path, 'r');
    try {
      const files = await packageFiles(zip);
      if (files === null) continue;
      plain.push(wheel);
      for (const { path, mode, sha256, member } of files) {
        const other = found.get(path);
        if (other !== undefined) {
          if (other.sha256 === sha256 && other.mode === mode) continue;
          throw new Unusual(`${path} is in two wheels`);
        }
        const staged =
          member.uncompressedSize > STREAMED_FROM
            ? await stage(folder, path, mode, await zip.openReadStreamPromise(member), made)
            : write(folder, path, mode, contentOf(member, source), made);
        if (staged.sha256 !== sha256) throw new Unusual(`${path} is not what the RECORD says`);
        found.set(path, { kind: 'file', path, mode, ...staged, tokens: false });
        if (found.size % BREATH === 0) await setImmediate();
        cancel?.throwIfAborted();
      }
    } finally {
      closeSync(source);
      zip.close();
    }
  }
  return { wheels: plain, files: [...found.values()] };
}

/**
 * What the wheel's `RECORD` lists: installers go by it, not by what else lies there. Null for a wheel that packagers
 * make something else of, each in its way.
 */
async function packageFiles(zip: ZipFile): Promise<readonly PackageFile[] | null> {
  const members = new Map<string, ZipMember>();
  let record = '';
  for await (const member of zip.eachEntry()) {
    members.set(member.fileName, member);
    if (!RECORD.test(member.fileName)) continue;
    record = (await buffer(await zip.openReadStreamPromise(member))).toString('utf8');
  }
  const files: PackageFile[] = [];
  for (const line of record.split(/\r?\n/)) {
    if (line === '') continue;
    const [, quoted, unquoted, digest] = RECORD_LINE.exec(line) ?? [];
    const path = quoted?.replaceAll('""', '"') ?? unquoted;
    if (path === undefined || unsafePath(path) !== null) return null;
    if (NOT_A_PACKAGE.test(path)) continue;
    const member = members.get(path);
    // Compiled modules are left out by some, and kept by others.
    if (member === undefined || digest === undefined || path.endsWith('.pyc')) return null;
    const mode = plainMode(member);
    if (mode === null) return null;
    files.push({ path, mode, sha256: Buffer.from(digest, 'base64url').toString('hex'), member });
  }
  return record === '' ? null : files;
}

/** Null for what is no plain file, is packed in another way, or has a mode that only some installers keep. */
function plainMode(member: ZipMember): number | null {
  const { compressionMethod: method, externalFileAttributes } = member;
  const [kind, mode] = [(externalFileAttributes >>> 16) & 0o170000, (externalFileAttributes >>> 16) & 0o7777];
  if ((kind !== 0 && kind !== 0o100000) || (mode !== 0o644 && mode !== 0o755)) return null;
  return !member.isEncrypted() && (method === STORED || method === DEFLATED) ? mode : null;
}

const LOCAL_HEADER = { size: 30, nameLength: 26, extraLength: 28 } as const;

/**
 * Synchronous, and not by a stream: wheels have thousands of small files, and each trip through the thread pool costs
 * more than the file.
 */
function contentOf(member: ZipMember, source: number): Buffer {
  const { relativeOffsetOfLocalHeader: at, compressedSize, uncompressedSize } = member;
  const header = readAt(source, at, LOCAL_HEADER.size);
  const behind = header.readUInt16LE(LOCAL_HEADER.nameLength) + header.readUInt16LE(LOCAL_HEADER.extraLength);
  const bytes = readAt(source, at + LOCAL_HEADER.size + behind, compressedSize);
  if (member.compressionMethod === STORED) return bytes;
  // Zero is no limit that zlib takes.
  return inflateRawSync(bytes, { maxOutputLength: Math.max(uncompressedSize, 1) });
}

function readAt(source: number, at: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let read = 0; read < size; ) {
    const count = readSync(source, bytes, read, size - read, at + read);
    if (count === 0) throw new Unusual('a wheel is cut off');
    read += count;
  }
  return bytes;
}

function write(
  folder: string,
  path: string,
  mode: number,
  bytes: Buffer,
  made: Set<string>,
): { readonly sha256: string; readonly size: number } {
  const full = join(folder, path);
  const parent = dirname(full);
  if (!made.has(parent)) mkdirSync(parent, { recursive: true });
  made.add(parent);
  const file = openSync(full, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    // The umask has no say in what a layout's modes are.
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { fromBufferPromise, openPromise, type ZipFile, type Entry as ZipMember } from 'yauzl';
import { plainMode } from '../../toolchain/modes.ts';
import { unsafePath } from '../paths.ts';
import { stage } from '../stage.ts';

/** A file that an installer puts into `site-packages` as it is. */
export interface PackageFile {
  /** Relative to `site-packages`. */
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** What the wheel's own `RECORD` says. */
  readonly sha256: string;
  readonly member: ZipMember;
}

/** Members of a wheel that an installer makes others of, or puts elsewhere. */
const NOT_A_PACKAGE = /^[^/]+\.(?:dist-info|data)\//;
const RECORD = /^[^/]+\.dist-info\/RECORD$/;
const RECORD_LINE = /^(?:"((?:[^"]|"")*)"|([^",]*)),(?:sha256=([\w-]+))?,\d*$/;

/** Bytes. Larger files are not read whole. */
const STREAMED_FROM = 64 << 20;
const STORED = 0;
const DEFLATED = 8;
const BREATH = 64;

/**
 * What the wheel's `RECORD` lists: installers go by it, not by what else lies there. Null for a wheel that packagers
 * make something else of, each in its way.
 */
export async function packageFiles(wheel: string): Promise<readonly PackageFile[] | null> {
  const { size } = await stat(wheel);
  const options = { autoClose: false };
  // From a file each of its members would be two reads by the thread pool.
  const zip =
    size > STREAMED_FROM
      ? await openPromise(wheel, options)
      : await fromBufferPromise(await readFile(wheel), options);
  try {
    return await listed(zip);
  } finally {
    zip.close();
  }
}

/** Writes such files below a folder. Throws for one that is not what the `RECORD` says. */
export async function unpackFiles(
  wheel: string,
  files: readonly PackageFile[],
  folder: string,
  cancel?: AbortSignal,
): Promise<void> {
  const made = new Set<string>();
  const source = openSync(wheel, 'r');
  let done = 0;
  try {
    for (const { path, mode, sha256, member } of files) {
      const isLarge = member.uncompressedSize > STREAMED_FROM;
      const chunks = isLarge ? streamOf(member, source) : [contentOf(member, source)];
      const written = await stage(folder, path, mode, chunks, made);
      if (written.sha256 !== sha256) throw new Error(`${path} is not what the RECORD says`);
      if (++done % BREATH === 0) await setImmediate();
      cancel?.throwIfAborted();
    }
  } finally {
    closeSync(source);
  }
}

async function listed(zip: ZipFile): Promise<readonly PackageFile[] | null> {
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
    const mode = modeOf(member);
    if (mode === null) return null;
    const sha256 = Buffer.from(digest, 'base64url').toString('hex');
    files.push({ path, mode, size: member.uncompressedSize, sha256, member });
  }
  return record === '' ? null : files;
}

/** Null for what is no plain file, or is packed in another way. */
function modeOf(member: ZipMember): number | null {
  const { compressionMethod: method, externalFileAttributes } = member;
  const mode = externalFileAttributes >>> 16;
  const kind = mode & 0o170000;
  const isPacked = !member.isEncrypted() && (method === STORED || method === DEFLATED);
  if ((kind !== 0 && kind !== 0o100000) || !isPacked) return null;
  return plainMode(mode);
}

const LOCAL_HEADER = { size: 30, nameLength: 26, extraLength: 28 } as const;

/**
 * Synchronous, and not by a stream: wheels have thousands of small files, and each trip through the thread pool costs
 * more than the file.
 */
function contentOf(member: ZipMember, source: number): Buffer {
  const bytes = readAt(source, beginOf(member, source), member.compressedSize);
  if (member.compressionMethod === STORED) return bytes;
  // Zero is no limit that zlib takes.
  return inflateRawSync(bytes, { maxOutputLength: Math.max(member.uncompressedSize, 1) });
}

function streamOf(member: ZipMember, source: number): Readable {
  const start = beginOf(member, source);
  const end = start + member.compressedSize - 1;
  const bytes = createReadStream('', { fd: source, start, end, autoClose: false });
  if (member.compressionMethod === STORED) return bytes;
  const inflated = createInflateRaw();
  bytes.on('error', (error) => inflated.destroy(error)).pipe(inflated);
  return inflated;
}

function beginOf({ relativeOffsetOfLocalHeader: at }: ZipMember, source: number): number {
  const header = readAt(source, at, LOCAL_HEADER.size);
  const { size, nameLength, extraLength } = LOCAL_HEADER;
  return at + size + header.readUInt16LE(nameLength) + header.readUInt16LE(extraLength);
}

function readAt(source: number, at: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let read = 0; read < size; ) {
    const count = readSync(source, bytes, read, size - read, at + read);
    if (count === 0) throw new Error('a wheel is cut off');
    read += count;
  }
  return bytes;
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Archiver, EntryData } from 'archiver';
import { byBytes } from '../layout/paths.ts';
import { partOf, sweepParts } from '../part.ts';
import { isProblem, problem } from '../problem.ts';

export const ARCHIVE_FORMATS = ['tar', 'tar.gz', 'zip'] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

export interface ArchiveOptions {
  readonly folder: string;
  readonly format: ArchiveFormat;
  /** The file to write; a `.sha256` that `sha256sum -c` takes is written beside it. */
  readonly destination: string;
  /** The folder that everything lies in once it is unpacked. */
  readonly root: string;
  /** The time of every entry, seconds since 1970. */
  readonly epoch: number;
}

/** ZIP can't tell an earlier time. */
const FIRST_DOS_TIME = 315532800;
/** Bytes. Smaller files are read whole, which is quicker. */
const STREAMED_FROM = 32 << 20;

/**
 * Packs a folder with modes and links. The same tree gives the same bytes, wherever and whenever it is packed.
 *
 * @throws a `build` problem where it can't be written; then none is left, not even an older one.
 */
export async function writeArchive(
  options: ArchiveOptions,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const archive = await archiverFor(options.format);
  const part = partOf(options.destination);
  await mkdir(dirname(options.destination), { recursive: true });
  await sweepParts(options.destination);
  const hash = createHash('sha256');
  const sink = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
  const broken = new AbortController();
  // Not the head of the pipeline: an archiver that is destroyed within an entry throws where nobody can catch it.
  archive.pipe(sink);
  // A warning is a file that could not be read: an archive without it would be a false one.
  for (const event of ['warning', 'error'] as const) archive.on(event, (error: Error) => sink.destroy(error));
  try {
    const written = pipeline(sink, createWriteStream(part)).catch((error: unknown) => {
      broken.abort(error);
      archive.unpipe().resume();
      throw error;
    });
    const filled = append(archive, options, broken.signal)
      .then(() => archive.finalize())
      .catch((error: unknown) => {
        sink.destroy(error instanceof Error ? error : new Error(String(error)));
        throw error;
      });
    // The file is closed before its part is removed, and the cause is told rather than what the pipe says of it.
    const [outcome, pipe] = await Promise.allSettled([filled, written]);
    if (outcome.status === 'rejected') throw outcome.reason;
    if (pipe.status === 'rejected') throw pipe.reason;
    const sha256 = hash.digest('hex');
    // The sum first: where this is killed in between, an older archive is refused by it.
    await writeFile(`${options.destination}.sha256`, `${sha256}  ${basename(options.destination)}\n`);
    await rename(part, options.destination);
    return { path: options.destination, sha256 };
  } catch (error) {
    for (const file of [options.destination, `${options.destination}.sha256`])
      await rm(file, { force: true }).catch(() => {});
    if (isProblem(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('build', `the archive could not be written: ${reason}`, { cause: error });
  } finally {
    await rm(part, { force: true });
  }
}

async function archiverFor(format: ArchiveFormat): Promise<Archiver> {
  const { TarArchive, ZipArchive } = await import('archiver');
  switch (format) {
    case 'tar':
      return new TarArchive();
    case 'tar.gz':
      return new TarArchive({ gzip: true, gzipOptions: { level: 6 } });
    case 'zip':
      return new ZipArchive({ zlib: { level: 6 } });
  }
}

async function append(archive: Archiver, options: ArchiveOptions, broken: AbortSignal): Promise<void> {
  const date = new Date(Math.max(options.epoch, FIRST_DOS_TIME) * 1000);
  for (const path of (await list(options.folder, '')).sort(byBytes)) {
    broken.throwIfAborted();
    const full = join(options.folder, path);
    const stats = await lstat(full);
    const mode = stats.mode & 0o777;
    const common = { name: `${options.root}/${path}`, mode, date };
    if (stats.isSymbolicLink()) {
      // `symlink()` stamps the present time, so the entry is made by hand.
      const link: EntryData & { linkname: string } = {
        ...common,
        mode: 0o777,
        type: 'symlink',
        linkname: await readlink(full),
      };
      await add(archive, '', link);
    } else if (stats.isDirectory()) {
      await add(archive, '', { ...common, type: 'directory' });
    } else if (stats.isFile()) {
      const large = stats.size > STREAMED_FROM;
      const source = large ? createReadStream(full) : await readFile(full);
      await add(archive, source, { ...common, type: 'file', stats });
    } else {
      throw problem('build', `${full} is neither a file nor a folder nor a link, so it can't be archived`);
    }
  }
}

/** One entry at a time: thousands of opened files would run into the limit. */
function add(archive: Archiver, source: Readable | Buffer | string, data: EntryData): Promise<void> {
  return new Promise((done, failed) => {
    const forget = (): void => {
      archive.off('entry', onEntry).off('error', onError);
    };
    const onEntry = (): void => {
      forget();
      done();
    };
    const onError = (error: Error): void => {
      forget();
      failed(error);
    };
    archive.on('entry', onEntry).on('error', onError);
    if (typeof source !== 'string' && !Buffer.isBuffer(source)) source.once('error', onError);
    archive.append(source, data);
  });
}

async function list(root: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const item of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    found.push(path);
    if (item.isDirectory()) found.push(...(await list(root, path)));
  }
  return found;
}

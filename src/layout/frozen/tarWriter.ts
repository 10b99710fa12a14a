import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { cancelledBy } from '../../cancel.ts';
import { BLOCK, tarHeader } from './tarHeader.ts';

/** Bytes that reach the disk at once. */
const AT_ONCE = 1 << 22;

export interface FileEntry {
  readonly name: string;
  readonly mode: number;
}

export interface TarWriter {
  add(entry: FileEntry, bytes: Uint8Array): Promise<void>;
  /** The file at `path`, which has to have `size` bytes; resolves to its sha256, or null where it has not. */
  addFrom(entry: FileEntry, path: string, size: number): Promise<string | null>;
  end(): Promise<void>;
  /** Ended or not. */
  close(): Promise<void>;
}

/**
 * A tar of plain files, to a file that must not exist. Streams cost more than the thousands of small files that a
 * layout has, so these are read straight into one of two buffers while the other is written. Throws at the next of these
 * where `cancel` is aborted.
 */
export async function createTar(file: string, cancel?: AbortSignal): Promise<TarWriter> {
  const handle = await open(file, 'wx');
  let [buffer, other] = [Buffer.allocUnsafe(AT_ONCE), Buffer.allocUnsafe(AT_ONCE)];
  let used = 0;
  let writing: Promise<void> = Promise.resolve();

  /** At least one byte of room. */
  const room = async (): Promise<Buffer> => {
    if (used === AT_ONCE) await flush();
    return buffer.subarray(used);
  };
  const flush = async (): Promise<void> => {
    if (cancel?.aborted === true) throw cancelledBy(cancel);
    await writing;
    writing = writeAll(handle, buffer.subarray(0, used));
    // It is awaited at the next flush, or not at all where something else fails first.
    writing.catch(() => {});
    [buffer, other] = [other, buffer];
    used = 0;
  };
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      const into = await room();
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      used += part.length;
      at += part.length;
    }
  };
  const pad = (size: number): Promise<void> => put(ZEROS.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK));
  return {
    add: async (entry, bytes) => {
      await put(tarHeader({ ...entry, size: bytes.length }));
      await put(bytes);
      await pad(bytes.length);
    },
    addFrom: async (entry, path, size) => {
      await put(tarHeader({ ...entry, size }));
      const source = openSync(path, 'r');
      const hash = createHash('sha256');
      try {
        if (fstatSync(source).size !== size) return null;
        for (let left = size; left > 0; ) {
          const into = await room();
          const read = readSync(source, into, 0, Math.min(left, into.length), null);
          if (read === 0) return null;
          hash.update(into.subarray(0, read));
          used += read;
          left -= read;
        }
      } finally {
        closeSync(source);
      }
      await pad(size);
      return hash.digest('hex');
    },
    end: async () => {
      await put(ZEROS);
      await flush();
      await writing;
    },
    close: async () => {
      await writing.catch(() => {});
      await handle.close();
    },
  };
}

/** The end of a tar is two empty blocks. */
const ZEROS = Buffer.alloc(2 * BLOCK);

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

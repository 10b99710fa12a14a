import { fstatSync, readSync } from 'node:fs';

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const END_SIZE = 22;
const MAX_COMMENT = 65_535;
const MAX_DIRECTORY = 64 * 1024 * 1024;

export interface ZipDirectory {
  /** The central directory, as it lies in the file. */
  readonly entries: Buffer;
  /** What stands before the first entry (a shebang, a boot script) shifts each offset by so much. */
  readonly shift: number;
}

export function readAt(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}

/** Null for what is no zip, or has a directory that no program has. */
export function readZipDirectory(descriptor: number): ZipDirectory | null {
  const { size } = fstatSync(descriptor);
  const tail = readAt(descriptor, Math.max(0, size - END_SIZE - MAX_COMMENT), END_SIZE + MAX_COMMENT);
  const end = tail.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || end + END_SIZE > tail.length) return null;
  const length = tail.readUInt32LE(end + 12);
  const start = size - (tail.length - end) - length;
  if (start < 0 || length > MAX_DIRECTORY) return null;
  return { entries: readAt(descriptor, start, length), shift: start - tail.readUInt32LE(end + 16) };
}

import { closeSync, openSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { readAt, readZipDirectory } from '../evidence/zip.ts';

const ENTRY = 0x02014b50;
const ENTRY_SIZE = 46;
const HEADER_SIZE = 30;
const LIMIT = 4 * 1024 * 1024;

/** One entry of a zip (a zipapp has its shebang before it), or null: not there, no zip, too big, damaged. */
export function readZipEntry(archive: string, name: string): Buffer | null {
  try {
    const descriptor = openSync(archive, 'r');
    try {
      return findEntry(descriptor, Buffer.from(name, 'utf8'));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

function findEntry(descriptor: number, name: Buffer): Buffer | null {
  const directory = readZipDirectory(descriptor);
  if (directory === null) return null;
  const { entries, shift } = directory;
  for (let at = 0; at + ENTRY_SIZE <= entries.length && entries.readUInt32LE(at) === ENTRY; ) {
    const next = at + ENTRY_SIZE + entries.readUInt16LE(at + 28);
    if (entries.subarray(at + ENTRY_SIZE, next).equals(name)) {
      return entryData(descriptor, entries.subarray(at), shift);
    }
    at = next + entries.readUInt16LE(at + 30) + entries.readUInt16LE(at + 32);
  }
  return null;
}

function entryData(descriptor: number, entry: Buffer, shift: number): Buffer | null {
  const [method, compressed, size] = [entry.readUInt16LE(10), entry.readUInt32LE(20), entry.readUInt32LE(24)];
  if (size > LIMIT || compressed > LIMIT) return null;
  const at = entry.readUInt32LE(42) + shift;
  const header = readAt(descriptor, at, HEADER_SIZE);
  const start = at + HEADER_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
  const data = readAt(descriptor, start, compressed);
  if (method === 0) return data;
  return method === 8 ? inflateRawSync(data, { maxOutputLength: LIMIT }) : null;
}

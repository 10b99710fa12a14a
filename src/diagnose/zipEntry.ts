import { readFileSync, statSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const ENTRY = 0x02014b50;
const LIMIT = { archive: 512 * 1024 * 1024, entry: 4 * 1024 * 1024 };

/** One entry of a zip (a zipapp has its shebang before it), or null: not there, no zip, too big, damaged. */
export function readZipEntry(archive: string, name: string): Buffer | null {
  try {
    if (statSync(archive).size > LIMIT.archive) return null;
    return findEntry(readFileSync(archive), Buffer.from(name, 'utf8'));
  } catch {
    return null;
  }
}

function findEntry(zip: Buffer, name: Buffer): Buffer | null {
  const end = zip.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1) return null;
  const size = zip.readUInt32LE(end + 12);
  const start = end - size;
  // What stands before the first entry shifts each offset.
  const shift = start - zip.readUInt32LE(end + 16);
  for (let at = start; at + 46 <= end && zip.readUInt32LE(at) === ENTRY; ) {
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.subarray(at + 46, at + 46 + nameLength).equals(name)) return entryData(zip, at, shift);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return null;
}

function entryData(zip: Buffer, entry: number, shift: number): Buffer | null {
  const method = zip.readUInt16LE(entry + 10);
  const compressed = zip.readUInt32LE(entry + 20);
  if (zip.readUInt32LE(entry + 24) > LIMIT.entry) return null;
  const header = zip.readUInt32LE(entry + 42) + shift;
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const data = zip.subarray(start, start + compressed);
  if (method === 0) return data;
  return method === 8 ? inflateRawSync(data, { maxOutputLength: LIMIT.entry }) : null;
}

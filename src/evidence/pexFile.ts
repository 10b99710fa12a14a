import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const END_SIZE = 22;
const MAX_COMMENT = 65_535;

function readAt(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}

/** The names in a zip's directory, raw; empty for what is no zip. */
function zipDirectory(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const tail = readAt(descriptor, Math.max(0, size - END_SIZE - MAX_COMMENT), END_SIZE + MAX_COMMENT);
    const end = tail.lastIndexOf(END_OF_DIRECTORY);
    if (end === -1 || end + END_SIZE > tail.length) return Buffer.alloc(0);
    const length = tail.readUInt32LE(end + 12);
    const start = size - (tail.length - end) - length;
    return start < 0 ? Buffer.alloc(0) : readAt(descriptor, start, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file is a PEX, or a script of a PEX's venv layout. */
export function isPex(file: string): boolean {
  try {
    if (existsSync(join(file, 'PEX-INFO')) || existsSync(join(dirname(file), 'PEX-INFO'))) return true;
    if (existsSync(join(dirname(file), '..', 'PEX-INFO'))) return true;
    return zipDirectory(file).includes('PEX-INFO');
  } catch {
    return false;
  }
}

import { type FileHandle, open } from 'node:fs/promises';
import { plainMode } from '../toolchain/modes.ts';

const END = { signature: 0x06054b50, size: 22, comment: 0xffff, directory: 12 } as const;
const ENTRY = { signature: 0x02014b50, size: 46, lengths: 28, attributes: 38 } as const;
const TYPE = 0o170000;
const FOLDER = 0o040000;
const LINK = 0o120000;

/**
 * Gives each file in a wheel that was built here the mode 644, or 755 where it can be executed: backends write down those
 * of the checkout, which are the umask's of whoever made it. No hash in the wheel tells of them. A zip64 stays as it is.
 * Returns whether anything has changed.
 */
export async function normaliseWheelModes(path: string): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    const directory = await directoryOf(file);
    if (directory === null || !normalise(directory.bytes)) return false;
    await file.write(directory.bytes, 0, directory.bytes.length, directory.start);
    return true;
  } finally {
    await file.close();
  }
}

async function directoryOf(
  file: FileHandle,
): Promise<{ readonly bytes: Buffer; readonly start: number } | null> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - END.size - END.comment), size);
  for (let at = tail.length - END.size; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END.signature) continue;
    const length = tail.readUInt32LE(at + END.directory);
    const start = tail.readUInt32LE(at + END.directory + 4);
    return start + length > size ? null : { bytes: await read(file, start, start + length), start };
  }
  return null;
}

/** Whether anything has changed. */
function normalise(directory: Buffer): boolean {
  let hasChanged = false;
  for (let at = 0; at + ENTRY.size <= directory.length; ) {
    if (directory.readUInt32LE(at) !== ENTRY.signature) break;
    const attributes = directory.readUInt32LE(at + ENTRY.attributes);
    const mode = attributes >>> 16;
    const plain = plainAttributes(mode);
    if (plain !== mode) {
      directory.writeUInt16LE(plain, at + ENTRY.attributes + 2);
      hasChanged = true;
    }
    const [name, extra, comment] = [0, 2, 4].map((field) =>
      directory.readUInt16LE(at + ENTRY.lengths + field),
    );
    at += ENTRY.size + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return hasChanged;
}

/** The type stays. */
function plainAttributes(mode: number): number {
  const type = mode & TYPE;
  // Where none is written down, tools choose one.
  if (mode === 0 || type === LINK) return mode;
  return type | (type === FOLDER ? 0o755 : plainMode(mode));
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  await file.read(bytes, 0, bytes.length, start);
  return bytes;
}

import { type BinaryLike, createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** In hexadecimal. Text is taken as UTF-8. */
export function sha256Of(content: BinaryLike): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Into one buffer: a stream would make one for each 64 KB, and half its time would be collecting them. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const part = Buffer.allocUnsafe(PART);
    for (;;) {
      const { bytesRead } = await file.read(part, 0, PART);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(part.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Bytes. */
const PART = 256 * 1024;

/** A key is a file name too, with a suffix: 255 bytes are the limit there. */
const LENGTH = 40;

/** The part of a key that people read. */
export function cacheLabel(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, LENGTH);
  return plain === '' ? 'program' : plain;
}

/** Bytes. */
export const BLOCK = 512;

/** No file has a time of its own: the same layout gives the same bytes. Seconds: the first day that a zip can tell. */
const TIME = 315532800;

export interface PlainFile {
  readonly name: string;
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
}

/** What stands before a plain file in a tar (ustar, and pax for a name that doesn't fit): the bytes that tar-stream writes. */
export function tarHeader({ name, mode, size }: PlainFile): Buffer {
  const plain = ustar(name, mode, size, '0');
  if (plain !== null) return plain;
  const pax = Buffer.from(paxRecord('path', name));
  const filled = Buffer.alloc(Math.ceil(pax.length / BLOCK) * BLOCK);
  pax.copy(filled);
  const [before, after] = [ustar(PAX, mode, pax.length, 'x'), ustar(PAX, mode, size, '0')];
  return Buffer.concat([before ?? EMPTY, filled, after ?? EMPTY]);
}

const PAX = 'PaxHeader';
const EMPTY = Buffer.alloc(0);
const LIMITS = { name: 100, prefix: 155 } as const;

/** One block, or null for a name that doesn't fit. */
function ustar(path: string, mode: number, size: number, type: '0' | 'x'): Buffer | null {
  const split = splitName(path);
  if (split === null) return null;
  const block = Buffer.alloc(BLOCK);
  block.write(split.name, 0, 'latin1');
  block.write(octal(mode & 0o7777, 6), 100, 'latin1');
  // User, group.
  block.write(octal(0, 6), 108, 'latin1');
  block.write(octal(0, 6), 116, 'latin1');
  if (size < 8 ** 11) block.write(octal(size, 11), 124, 'latin1');
  else {
    // 8 GiB and more: a big-endian number behind a set bit.
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write(octal(TIME, 11), 136, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  // Device.
  block.write(octal(0, 6), 329, 'latin1');
  block.write(octal(0, 6), 337, 'latin1');
  block.write(split.prefix, 345, 'latin1');
  // The sum counts its own field as spaces.
  let sum = 8 * 0x20;
  for (const byte of block) sum += byte;
  block.write(octal(sum, 6), 148, 'latin1');
  return block;
}

function splitName(path: string): { readonly name: string; readonly prefix: string } | null {
  if (Buffer.byteLength(path) !== path.length) return null;
  // As late as needed: the shortest prefix.
  const from = Math.max(0, path.length - LIMITS.name);
  if (from === 0) return { name: path, prefix: '' };
  const slash = path.indexOf('/', from - 1);
  if (slash === -1 || slash > LIMITS.prefix) return null;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')} `;
}

/** Its length, which counts itself, comes first. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  let whole = length;
  while (whole !== length + String(whole).length) whole = length + String(whole).length;
  return `${whole}${rest}`;
}

/** Bytes that wait for a reader, in blocks of one size: small pieces share one, and memory is used again. */
export interface Blocks {
  readonly bytes: () => number;
  /** Copies. */
  readonly add: (chunk: Uint8Array) => void;
  /** The oldest block; null where nothing waits. Its memory is used again after `release`. */
  readonly take: () => { readonly bytes: Uint8Array; readonly release: () => void } | null;
  readonly clear: () => void;
}

const SIZE = 64 * 1024;
/** Of those that are free, so many are kept; the others were needed for a reader that had stopped. */
const SPARE = 16;

interface Block {
  readonly memory: Buffer;
  length: number;
}

export function openBlocks(): Blocks {
  const free: Buffer[] = [];
  let waiting: Block[] = [];
  let bytes = 0;

  const open = (): Block => {
    const last = waiting.at(-1);
    if (last !== undefined && last.length < SIZE) return last;
    const block = { memory: free.pop() ?? Buffer.allocUnsafeSlow(SIZE), length: 0 };
    waiting.push(block);
    return block;
  };

  return {
    bytes: () => bytes,
    add: (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const block = open();
        const piece = chunk.subarray(at, at + SIZE - block.length);
        block.memory.set(piece, block.length);
        block.length += piece.length;
        at += piece.length;
      }
      bytes += chunk.length;
    },
    take: () => {
      const block = waiting.shift();
      if (block === undefined) return null;
      bytes -= block.length;
      return {
        bytes: block.memory.subarray(0, block.length),
        release: () => {
          if (free.length < SPARE) free.push(block.memory);
        },
      };
    },
    clear: () => {
      waiting = [];
      bytes = 0;
    },
  };
}

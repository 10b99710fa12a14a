import { readSync } from 'node:fs';
import { Socket } from 'node:net';

export interface FifoListener {
  /** As `Listener.onChunk`, for one stream. */
  readonly onChunk: (chunk: Uint8Array) => Promise<void> | undefined;
  readonly onEof: () => void;
}

/** Of less than a page there is seldom more to be had at once. */
const PAGE = 4096;
/** Milliseconds. The sleep is longer than what is asked for, by what the kernel takes to wake us. */
const NAP = 0.1;
const NAP_AT_MOST = 0.2;
/** Milliseconds between two chunks of a program that writes piece by piece. */
const STREAMING = 1;
/** Bytes that a program may write in a nap and not find its pipe full: of 64 KiB, which odd pieces don't fill. */
const NAP_ROOM = 24 * 1024;

const bell = new Int32Array(new SharedArrayBuffer(4));

/** Takes over a descriptor that doesn't block. The chunks lie in `buffer`. */
export function readFifo(descriptor: number, buffer: Buffer, { onChunk, onEof }: FifoListener): Socket {
  let last = 0;
  const socket: Socket = new Socket({
    fd: descriptor,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback: (length) => {
        const filled = length < PAGE ? length : readOn(descriptor, buffer, length);
        const t = performance.now();
        const rate = filled / (t - last);
        const streams = t - last < STREAMING;
        last = t;
        const taken = onChunk(buffer.subarray(0, filled));
        if (taken !== undefined) {
          void taken.then(() => socket.resume());
          return false;
        }
        // To be woken for each small piece costs the program more than the piece does.
        if (streams && rate * NAP_AT_MOST < NAP_ROOM) Atomics.wait(bell, 0, 0, NAP);
        return true;
      },
    },
  });
  socket.on('end', onEof);
  socket.on('error', onEof);
  return socket;
}

/** As long as more lies ready: a turn of the event loop for each chunk takes longer than a fast program to fill its pipe. */
function readOn(descriptor: number, buffer: Buffer, filled: number): number {
  let end = filled;
  try {
    while (end < buffer.length) {
      const length = readSync(descriptor, buffer, end, buffer.length - end, null);
      if (length === 0) break;
      end += length;
    }
  } catch {
    // Nothing more for now. What else it may be, the socket's own next read finds out.
  }
  return end;
}

/** The first and the last bytes of a stream of any length, in memory of a fixed size. */
export interface Bounded {
  readonly add: (chunk: Uint8Array) => void;
  /** `tail` is empty where all of it fits in `head`; `cut` says that bytes between the two were dropped. */
  readonly read: () => { readonly head: Buffer; readonly tail: Buffer; readonly cut: boolean };
}

export function bounded(headSize: number, tailSize: number): Bounded {
  // Most programs say little: memory is taken when it is needed.
  let head = Buffer.alloc(0);
  let ring: Buffer | null = null;
  let written = 0;

  const addToRing = (chunk: Uint8Array) => {
    ring ??= Buffer.allocUnsafe(tailSize);
    const kept = chunk.length > tailSize ? chunk.subarray(chunk.length - tailSize) : chunk;
    const at = (written + chunk.length - kept.length) % tailSize;
    const room = Math.min(kept.length, tailSize - at);
    ring.set(kept.subarray(0, room), at);
    ring.set(kept.subarray(room), 0);
    written += chunk.length;
  };

  return {
    add: (chunk) => {
      const room = headSize - head.length;
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
      if (chunk.length > room) addToRing(chunk.subarray(room));
    },
    read: () => {
      if (ring === null) return { head, tail: Buffer.alloc(0), cut: false };
      if (written <= tailSize) return { head, tail: Buffer.from(ring.subarray(0, written)), cut: false };
      const at = written % tailSize;
      return { head, tail: Buffer.concat([ring.subarray(at), ring.subarray(0, at)]), cut: true };
    },
  };
}

import type { Writable } from 'node:stream';

/** Where output goes that must hold nobody up for long. */
export interface Sink {
  /** Copies what it is given. The answer resolves once the reader has caught up, or has shown that it won't. */
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  /** Resolves once all is written, or once nobody will read it. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Columns. */
  readonly width: number;
  readonly hasColor: boolean;
}

export interface Terminal extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Bytes that may wait for the reader before whoever writes is asked to wait too. */
const AHEAD = 512 * 1024;
/** A reader that took nothing for so many milliseconds has stopped: nobody waits for it any more. */
const PATIENCE = 1_000;
/** Bytes that are kept for a reader that has stopped; what comes then is counted, not kept. */
const KEPT = 16 * 1024 * 1024;

/**
 * Writes to stdout or stderr of exitproof itself. A slow reader slows the program down, as in any pipe, and misses
 * nothing. One that has stopped costs its own output and no more: it never blocks the program, and memory stays bounded.
 */
export function createSink(stream: Terminal, env: Readonly<Record<string, string | undefined>>): Sink {
  let gone = false;
  let stopped = false;
  let dropped = 0;
  let waiting: Latch | null = null;
  let watchdog: NodeJS.Timeout | undefined;

  const release = (): void => {
    clearTimeout(watchdog);
    waiting?.resolve();
    waiting = null;
  };
  const rearm = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      stopped = true;
      release();
    }, PATIENCE);
  };
  const onTaken = (): void => {
    stopped = false;
    if (waiting === null) return;
    if (stream.writableLength <= AHEAD / 2) release();
    else rearm();
  };
  // EPIPE: the reader has left, as `| head` does. The verdict is still wanted, by its exit code and the report.
  stream.on('error', () => {
    gone = true;
    release();
  });

  const buffers = reusedBuffers();
  const put = (chunk: string | Uint8Array): void => {
    if (typeof chunk === 'string') {
      stream.write(chunk, onTaken);
      return;
    }
    const copy = buffers.copy(chunk);
    stream.write(copy.bytes, () => {
      copy.release();
      onTaken();
    });
  };
  const tellDropped = (): void => {
    if (dropped === 0) return;
    put(`\n[exitproof: ${dropped} bytes are left out here, nobody read them in time]\n`);
    dropped = 0;
  };
  const write = (chunk: string | Uint8Array): Promise<void> | undefined => {
    if (gone || chunk.length === 0) return undefined;
    if (stopped && stream.writableLength > KEPT) {
      dropped += chunk.length;
      return undefined;
    }
    tellDropped();
    put(chunk);
    if (stopped || stream.writableLength <= AHEAD) return undefined;
    if (waiting === null) {
      waiting = latch();
      rearm();
    }
    return waiting.promise;
  };

  const isTerminal = stream.isTTY === true;
  return {
    write,
    drained: () =>
      new Promise((resolve) => {
        if (gone) return resolve();
        tellDropped();
        stream.once('error', () => resolve());
        stream.write('', () => resolve());
      }),
    isTerminal,
    width: stream.columns ?? 100,
    hasColor: colorWanted(env, isTerminal),
  };
}

interface Latch {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function latch(): Latch {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

const LARGE = 64 * 1024;

/** Copies of large chunks in memory that is used again: one each time made a flood cost 100 MB of garbage. */
function reusedBuffers() {
  const free: Buffer[] = [];
  return {
    copy: (chunk: Uint8Array): { readonly bytes: Uint8Array; readonly release: () => void } => {
      if (chunk.length < LARGE / 16 || chunk.length > LARGE) {
        return { bytes: Buffer.from(chunk), release: () => undefined };
      }
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(LARGE);
      buffer.set(chunk);
      return { bytes: buffer.subarray(0, chunk.length), release: () => void free.push(buffer) };
    },
  };
}

/** By the two variables that most tools follow: no-color.org and force-color.org. */
function colorWanted(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

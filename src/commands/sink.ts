import type { Writable } from 'node:stream';
import { openBlocks } from './blocks.ts';

/** Where output goes that must hold nobody up for long. */
export interface Sink {
  /** Copies what it is given. The answer resolves once the reader has caught up, or has shown that it won't. */
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  /** Resolves once all is written, or once nobody will read it. */
  drained(): Promise<void>;
  /** What made the writing impossible (`ENOSPC`); null where nothing did, and where the reader has left. */
  lost(): string | null;
  readonly isTerminal: boolean;
  /** Columns. */
  readonly width: number;
  readonly hasColor: boolean;
}

export interface Terminal extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
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
  const blocks = openBlocks();
  let underway = 0;
  let gone = false;
  let lost: string | null = null;
  let stopped = false;
  let dropped = 0;
  let waiting: Latch | null = null;
  let watchdog: NodeJS.Timeout | undefined;

  const unread = (): number => underway + blocks.bytes();
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
    if (unread() <= AHEAD / 2) release();
    else rearm();
  };
  // EPIPE: the reader has left, as `| head` does. The verdict is still wanted, by its exit code and the report.
  stream.on('error', (error) => {
    gone = true;
    lost ??= lossBy(error);
    blocks.clear();
    release();
  });

  const handOn = (): void => {
    // Files and terminals take it at once; what waits is better kept here, where small pieces share a block.
    while (stream.writableLength === 0) {
      const block = blocks.take();
      if (block === null) return;
      underway += block.bytes.length;
      stream.write(block.bytes, () => {
        underway -= block.bytes.length;
        block.release();
        onTaken();
        if (!gone) handOn();
      });
    }
  };
  const put = (chunk: string | Uint8Array): void => {
    blocks.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    handOn();
  };
  const tellDropped = (): void => {
    if (dropped === 0) return;
    put(`\n[exitproof: ${dropped} bytes are left out here, nobody read them in time]\n`);
    dropped = 0;
  };
  const write = (chunk: string | Uint8Array): Promise<void> | undefined => {
    if (gone || chunk.length === 0) return undefined;
    if (stopped && unread() > KEPT) {
      dropped += chunk.length;
      return undefined;
    }
    tellDropped();
    put(chunk);
    if (stopped || unread() <= AHEAD) return undefined;
    if (waiting === null) {
      waiting = latch();
      rearm();
    }
    return waiting.promise;
  };

  const isTerminal = stream.isTTY === true;
  return {
    write,
    drained: async () => {
      if (!gone) tellDropped();
      while (!gone && stream.writable && unread() > 0) {
        const { promise, resolve } = latch();
        stream.once('error', resolve);
        stream.write('', resolve);
        await promise;
        stream.off('error', resolve);
      }
    },
    lost: () => lost,
    isTerminal,
    // A terminal that doesn't know its size says 0.
    width: stream.columns || 100,
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

/** The code of an error of writing, where it is more than that nobody reads any longer. */
export function lossBy(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return code === 'EPIPE' ? null : code;
}

/** By the two variables that most tools follow: no-color.org and force-color.org. */
export function colorWanted(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

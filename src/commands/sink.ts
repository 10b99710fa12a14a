import type { Writable } from 'node:stream';

/** Where output goes that must hold nobody up. */
export interface Sink {
  write(chunk: string | Uint8Array): void;
  /** Resolves once all is written, or once nobody will read it. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Columns. */
  readonly width: number;
  readonly hasColor: boolean;
}

/** A reader that is behind by this much is taken for stopped; what comes then is counted, not kept. */
const LIMIT = 16 * 1024 * 1024;

export interface Terminal extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Writes to stdout or stderr of exitproof itself. A reader that stops reading costs its own output and nothing else:
 * the watched program is never held up by it, and memory stays bounded.
 */
export function createSink(stream: Terminal, env: Readonly<Record<string, string | undefined>>): Sink {
  let gone = false;
  let dropped = 0;
  // EPIPE: the reader has left, as `| head` does. The verdict is still wanted, by its exit code and the report.
  stream.on('error', () => {
    gone = true;
  });
  const write = (chunk: string | Uint8Array): void => {
    if (gone || chunk.length === 0) return;
    if (stream.writableLength > LIMIT) {
      dropped += chunk.length;
      return;
    }
    if (dropped > 0) {
      stream.write(`\n[exitproof: ${dropped} bytes are left out here, nobody read them in time]\n`);
      dropped = 0;
    }
    // A copy, because the watch reads the next chunk into the same memory.
    stream.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk));
  };
  const isTerminal = stream.isTTY === true;
  return {
    write,
    drained: () =>
      new Promise((resolve) => {
        if (gone) return resolve();
        stream.once('error', () => resolve());
        stream.write('', () => resolve());
      }),
    isTerminal,
    width: stream.columns ?? 100,
    hasColor: colorWanted(env, isTerminal),
  };
}

/** By the two variables that most tools follow: no-color.org and force-color.org. */
function colorWanted(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

import { type ChildProcess, execFile } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StreamFiles } from './holders.ts';
import { readFifo } from './readFifo.ts';
import type { StreamName } from './walk.ts';

export interface Listener {
  /**
   * The bytes are overwritten by the next chunk: whoever keeps them copies them. The next one is read once the answer
   * resolves.
   */
  readonly onChunk: (stream: StreamName, chunk: Uint8Array) => Promise<void> | undefined;
  readonly onEof: (stream: StreamName) => void;
}

/** The way of one run's output to us. */
export interface Channel {
  readonly stdio: readonly [number | 'pipe', number | 'pipe'];
  /** By which its holders are found; null where it is no file of the system. */
  readonly files: StreamFiles | null;
  /** To be called right after the spawn. The answer stops the reading. */
  readonly listen: (child: ChildProcess, listener: Listener) => () => void;
  /** For a run that could not be spawned. */
  readonly abandon: () => void;
}

export interface FifoPair {
  readonly paths: Readonly<Record<StreamName, string>>;
  /** One a stream, for run after run. */
  readonly buffers: Readonly<Record<StreamName, Buffer>>;
}

/** Several times what a pipe holds: a flood is handed on in larger pieces than it comes in. */
const CHUNK = 256 * 1024;
const STREAMS = ['stdout', 'stderr'] as const;
const run = promisify(execFile);

/** Null where the system has no named pipes. */
export async function makeFifos(folder: string, name: string): Promise<FifoPair | null> {
  const paths = { stdout: join(folder, `${name}.out`), stderr: join(folder, `${name}.err`) };
  try {
    // Writable by all: a program that gives its rights away may open `/dev/stdout` again.
    await run('mkfifo', ['-m', '0622', paths.stdout, paths.stderr]);
    return { paths, buffers: { stdout: Buffer.allocUnsafe(CHUNK), stderr: Buffer.allocUnsafe(CHUNK) } };
  } catch {
    return null;
  }
}

export function removeFifos(pair: FifoPair): void {
  for (const stream of STREAMS) rmSync(pair.paths[stream], { force: true });
}

/**
 * Named pipes, not Node's own: those are sockets, and a program that opens `/dev/stdout` on one fails with ENXIO. The
 * names are kept, so that a pair can serve run after run.
 */
export function fifoChannel(pair: FifoPair): Channel {
  const open = (path: string) => {
    // The reader first: without one, opening for writing would wait.
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { dev, ino } = fstatSync(read);
    return { read, write: openSync(path, constants.O_WRONLY), file: { device: dev, inode: ino } };
  };
  const ends = { stdout: open(pair.paths.stdout), stderr: open(pair.paths.stderr) };
  const closeWriters = () => {
    for (const stream of STREAMS) closeSync(ends[stream].write);
  };
  return {
    stdio: [ends.stdout.write, ends.stderr.write],
    files: { stdout: ends.stdout.file, stderr: ends.stderr.file },
    listen: (_child, listener) => {
      closeWriters();
      const sockets = STREAMS.map((stream) =>
        readFifo(ends[stream].read, pair.buffers[stream], {
          onChunk: (chunk) => listener.onChunk(stream, chunk),
          onEof: () => listener.onEof(stream),
        }),
      );
      return () => {
        for (const socket of sockets) socket.destroy();
      };
    },
    abandon: () => {
      closeWriters();
      for (const stream of STREAMS) closeSync(ends[stream].read);
    },
  };
}

export function pipeChannel(): Channel {
  return {
    stdio: ['pipe', 'pipe'],
    files: null,
    listen: (child, { onChunk, onEof }) => {
      for (const stream of STREAMS) {
        child[stream]?.on('data', (chunk: Buffer) => {
          const taken = onChunk(stream, chunk);
          if (taken === undefined) return;
          child[stream]?.pause();
          void taken.then(() => child[stream]?.resume());
        });
        child[stream]?.on('end', () => onEof(stream));
        child[stream]?.on('error', () => onEof(stream));
      }
      return () => {
        for (const stream of STREAMS) child[stream]?.destroy();
      };
    },
    abandon: () => {},
  };
}

import { type ChildProcess } from 'node:child_process';
import type { StreamFiles } from './holders.ts';
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
/** Null where the system has no named pipes. */
export declare function makeFifos(folder: string, name: string): Promise<FifoPair | null>;
export declare function removeFifos(pair: FifoPair): void;
/**
 * Named pipes, not Node's own: those are sockets, and a program that opens `/dev/stdout` on one fails with ENXIO. The
 * names are kept, so that a pair can serve run after run.
 */
export declare function fifoChannel(pair: FifoPair): Channel;
export declare function pipeChannel(): Channel;

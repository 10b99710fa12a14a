import { Socket } from 'node:net';
export interface FifoListener {
    /** As `Listener.onChunk`, for one stream. */
    readonly onChunk: (chunk: Uint8Array) => Promise<void> | undefined;
    readonly onEof: () => void;
}
/** Takes over a descriptor that doesn't block. The chunks lie in `buffer`. */
export declare function readFifo(descriptor: number, buffer: Buffer, { onChunk, onEof }: FifoListener): Socket;

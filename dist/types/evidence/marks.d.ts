/** In the order of a clean end. `interp-clear` is the begin of native-exit. */
export declare const MARK_NAMES: readonly ['start', 'threading-shutdown', 'atexit', 'finalization', 'interp-clear'];
export type MarkName = (typeof MARK_NAMES)[number];
/** A thread that is no daemon: the interpreter waits for its end. */
export interface AwaitedThread {
    /** The kernel's id. */
    readonly tid: number;
    /** The first bytes of its name, as `nameKey` gives them. */
    readonly key: string;
}
/** One line of the probe. */
export interface Mark {
    readonly pid: number;
    /** CLOCK_MONOTONIC in nanoseconds, the clock of `process.hrtime.bigint()`. */
    readonly t: bigint;
    readonly name: MarkName;
    /** Those that lived when the interpreter began to wait for them; absent where the probe could not tell. */
    readonly awaited?: readonly AwaitedThread[];
    /** X.Y.Z of the interpreter that a `start` is of. */
    readonly python?: string;
}
/** By which a thread's name can be compared with what the probe wrote of it. */
export declare function nameKey(name: string): string;
/**
 * The marks in the order in which they were written. A last line without its newline is still being written and is
 * left for the next reading; lines that are no marks are passed over, since the watched program can write there too.
 */
export declare function parseMarks(text: string): Mark[];

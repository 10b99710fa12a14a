/** In the order of a clean end. `interp-clear` is the begin of native-exit. */
export declare const MARK_NAMES: readonly ['start', 'threading-shutdown', 'atexit', 'finalization', 'interp-clear'];
export type MarkName = (typeof MARK_NAMES)[number];
/** One line of the probe. */
export interface Mark {
    readonly pid: number;
    /** CLOCK_MONOTONIC in nanoseconds, the clock of `process.hrtime.bigint()`. */
    readonly t: bigint;
    readonly name: MarkName;
}
/**
 * The marks in the order in which they were written. A last line without its newline is still being written and is
 * left for the next reading; lines that are no marks are passed over, since the watched program can write there too.
 */
export declare function parseMarks(text: string): Mark[];

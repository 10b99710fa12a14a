/** Milliseconds of CLOCK_MONOTONIC: the same clock as the probe's marks. */
export declare function now(): number;
export declare function toMilliseconds(nanoseconds: bigint): number;

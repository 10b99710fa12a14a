/** Milliseconds of CLOCK_MONOTONIC: the same clock as the probe's marks. */
export function now(): number {
  return toMilliseconds(process.hrtime.bigint());
}

export function toMilliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

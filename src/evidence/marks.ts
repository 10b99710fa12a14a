/** In the order of a clean end. `interp-clear` is the begin of native-exit. */
export const MARK_NAMES = ['start', 'threading-shutdown', 'atexit', 'finalization', 'interp-clear'] as const;
export type MarkName = (typeof MARK_NAMES)[number];

/** One line of the probe. */
export interface Mark {
  readonly pid: number;
  /** CLOCK_MONOTONIC in nanoseconds, the clock of `process.hrtime.bigint()`. */
  readonly t: bigint;
  readonly name: MarkName;
}

const LINE = /^([1-9]\d{0,9}) (\d{1,19}) ([a-z-]+)$/;

function isMarkName(name: string): name is MarkName {
  return (MARK_NAMES as readonly string[]).includes(name);
}

/**
 * The marks in the order in which they were written. A last line without its newline is still being written and is
 * left for the next reading; lines that are no marks are passed over, since the watched program can write there too.
 */
export function parseMarks(text: string): Mark[] {
  const marks: Mark[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [, pid, t, name] = LINE.exec(line) ?? [];
    if (pid === undefined || t === undefined || name === undefined || !isMarkName(name)) continue;
    marks.push({ pid: Number(pid), t: BigInt(t), name });
  }
  return marks;
}

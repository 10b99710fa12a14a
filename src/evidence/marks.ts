/** In the order of a clean end. `interp-clear` is the begin of native-exit. */
export const MARK_NAMES = ['start', 'threading-shutdown', 'atexit', 'finalization', 'interp-clear'] as const;
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

const LINE = /^([1-9]\d{0,9}) (\d{1,19}) ([a-z-]+)(?: \[([\da-f=,.]*)\])?$/;
const AWAITED = /^([1-9]\d{0,9})=((?:[\da-f]{2})*)$/;
const VERSION = /^\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const KEY_BYTES = 24;

/** By which a thread's name can be compared with what the probe wrote of it. */
export function nameKey(name: string): string {
  return Buffer.from(name).subarray(0, KEY_BYTES).toString('hex');
}

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
    const [, pid, t, name, detail] = LINE.exec(line) ?? [];
    if (pid === undefined || t === undefined || name === undefined || !isMarkName(name)) continue;
    marks.push({ pid: Number(pid), t: BigInt(t), name, ...detailsOf(name, detail) });
  }
  return marks;
}

function detailsOf(name: MarkName, detail: string | undefined): Pick<Mark, 'awaited' | 'python'> {
  if (detail === undefined) return {};
  if (name === 'start') return VERSION.test(detail) ? { python: detail } : {};
  return { awaited: parseAwaited(detail) };
}

function parseAwaited(threads: string): AwaitedThread[] {
  return threads.split(',').flatMap((thread) => {
    const [, tid, key] = AWAITED.exec(thread) ?? [];
    return tid === undefined || key === undefined ? [] : [{ tid: Number(tid), key }];
  });
}

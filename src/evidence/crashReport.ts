import type { Phase, Thread } from '../report/model.ts';
import { parseFaulthandler } from './faulthandler.ts';
import { pySpyPhase } from './pySpyPhase.ts';

/** What an interpreter writes when a signal, or a fault that it found itself, ends it. */
export interface CrashReport {
  /** By which the process dies next, by name. */
  readonly signal: string;
  /** `finalizing`, `initialized`; null of a signal's report, which doesn't tell it. */
  readonly state: string | null;
  /** The one that it happened in has the state `CRASHED`. */
  readonly threads: readonly Thread[];
}

/** The state of the thread that a crash happened in. */
export const CRASHED = '[Crashed]';

const BEGIN = 'Fatal Python error: ';
const SIGNALS: Readonly<Record<string, string | undefined>> = {
  'Segmentation fault': 'SIGSEGV',
  Aborted: 'SIGABRT',
  'Bus error': 'SIGBUS',
  'Floating point exception': 'SIGFPE',
  'Illegal instruction': 'SIGILL',
};
const STATE = /^Python runtime state: ([a-z ]+?)(?: \(tstate=\w+\))?$/;
const HEADER = /^(?:Current thread|Thread) 0x/;
/** What stands in such a report, and what the C library adds where a process finds its memory broken while it dies. */
const LINES = [
  /^$/,
  STATE,
  HEADER,
  /^ {2}(?:File |Garbage-collecting$|\.\.\.$|Binary file |<[a-zA-Z ]+>$)/,
  /^<no Python frame>$/,
  /^\.\.\.$/,
  /^Extension modules: /,
  /^Current thread's C stack trace /,
  /^(?:double free or corruption|corrupted |free\(\)|malloc\(\)|realloc\(\)|munmap_chunk\(\)|malloc_consolidate\(\))/,
];

/**
 * The report at the very end of what a process wrote; null where it wrote anything after it, since then it is not what
 * that process died of.
 */
export function parseCrashReport(text: string): CrashReport | null {
  // A progress bar leaves its line without an end.
  const at = text.lastIndexOf(BEGIN);
  if (at === -1) return null;
  const [title = '', ...lines] = text.slice(at + BEGIN.length).split('\n');
  if (!lines.every((line) => LINES.some((known) => known.test(line)))) return null;
  const state = lines.flatMap((line) => STATE.exec(line)?.[1] ?? [])[0] ?? null;
  const signal = state === null ? SIGNALS[title] : 'SIGABRT';
  return signal === undefined ? null : { signal, state, threads: threadsOf(lines) };
}

function threadsOf(lines: readonly string[]): Thread[] {
  const crashed = lines.filter((line) => HEADER.test(line)).findIndex((line) => line.startsWith('Current'));
  const threads = parseFaulthandler(lines.join('\n'));
  return threads.map((thread, index) => (index === crashed ? { ...thread, state: CRASHED } : thread));
}

/** Where the process was; unknown where its frames don't tell. */
export function crashPhase(
  { state, threads }: CrashReport,
  packagerFiles: readonly string[],
): Phase | 'unknown' {
  if (state === 'finalizing') return 'finalization';
  const main = threads.find((thread) => thread.main);
  const phase = main === undefined ? 'unknown' : pySpyPhase(main.frames, packagerFiles);
  if (state === null) return phase;
  // These threads may be a subinterpreter's, of which the end looks like that of the process.
  return state === 'initialized' && (phase === 'startup' || phase === 'run') ? phase : 'unknown';
}

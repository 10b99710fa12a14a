import type { AwaitedThread } from '../evidence/marks.ts';
import type { Evidence, Frame, Motion, Phase, RunRecord, Thread } from '../report/model.ts';
import { type FrameKind, type FrameKnowledge, frameKind } from './frameKind.ts';

/** One thread as all tools together saw it. */
export interface Stack {
  readonly pid: number;
  readonly role: Evidence['role'];
  readonly command: string;
  readonly name: string | null;
  /** The kernel's id, where any tool knew it. */
  readonly tid: number | null;
  readonly main: boolean;
  /** What the tools add: `Has the GIL`, `R`. */
  readonly states: readonly string[];
  /** Innermost first. */
  readonly python: readonly Frame[];
  /** Native and Python frames in their order, innermost first; empty where no tool could tell. */
  readonly mixed: readonly Frame[];
  readonly folded: number;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly role: Evidence['role'];
  readonly command: string;
  readonly stacks: readonly Stack[];
  readonly main: Stack | null;
  /** Which tools failed on it. */
  readonly refused: readonly Evidence['source'][];
  /** Whether any tool saw a Python frame. */
  readonly python: boolean;
}

/** What the checkout's source says, where there is one. */
export interface SourceText {
  /** The lines of the function that a frame is in, from the checkout; null where it can't be found. */
  readonly functionBody: (frame: Frame) => readonly string[] | null;
  /** The whole file of a frame; null likewise. */
  readonly fileText: (frame: Frame) => string | null;
}

export interface Facts {
  readonly verdict: RunRecord['verdict'];
  readonly phase: Phase | null;
  readonly motion: Motion | null;
  /** Of the main process: the threads that its end waits for; null where the probe could not tell. */
  readonly awaited: readonly AwaitedThread[] | null;
  /** `[3, 9, 18]`; null where the interpreter isn't known. */
  readonly version: readonly [number, number, number] | null;
  readonly main: ProcessFacts | null;
  readonly children: readonly ProcessFacts[];
  readonly left: RunRecord['left'];
  readonly kind: (frame: Frame) => FrameKind;
  readonly source: SourceText;
}

export const NO_SOURCE: SourceText = { functionBody: () => null, fileText: () => null };

export interface FactsInput {
  readonly run: Pick<RunRecord, 'verdict' | 'phase' | 'evidence' | 'left'>;
  readonly motion: Motion | null;
  readonly awaited: Facts['awaited'];
  readonly python: string | null;
  readonly knowledge: FrameKnowledge;
  readonly source: SourceText;
}

export function gatherFacts({ run, motion, awaited, python, knowledge, source }: FactsInput): Facts {
  const pids = [...new Set(run.evidence.map(({ pid }) => pid))];
  const processes = pids.map((pid) => processFacts(run.evidence.filter((one) => one.pid === pid)));
  return {
    verdict: run.verdict,
    phase: run.phase,
    motion,
    awaited,
    version: versionOf(python),
    main: processes.find(({ role }) => role === 'main') ?? null,
    children: processes.filter(({ role }) => role === 'descendant'),
    left: run.left,
    kind: (frame) => frameKind(frame, knowledge),
    source,
  };
}

function versionOf(python: string | null): Facts['version'] {
  const parts = python === null ? null : /^(\d+)\.(\d+)\.(\d+)/u.exec(python);
  return parts === null ? null : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

const pythonFrames = (thread: Thread) => thread.frames.filter((frame) => frame.native !== true);
const nativeFrames = (thread: Thread) => thread.frames.filter((frame) => frame.native === true);

function processFacts(evidence: readonly Evidence[]): ProcessFacts {
  const [first] = evidence;
  if (first === undefined) throw new Error('no evidence of this process');
  const { pid, role, command } = first;
  const named = evidence.map(withPythonNames);
  const primary = primaryOf(named);
  const others = named.filter((one) => one !== primary);
  const stacks = withoutGhosts(primary?.threads ?? [], evidence)
    .map((thread) => merge(first, thread, others))
    .map((stack) => (stack.main ? { ...stack, states: [...stack.states, ...systemCalls(evidence)] } : stack));
  return {
    pid,
    role,
    command,
    stacks,
    main: stacks.find(({ main }) => main) ?? (stacks.length === 1 ? (stacks[0] ?? null) : null),
    refused: [...new Set(evidence.filter(({ error }) => error !== undefined).map(({ source }) => source))],
    python: stacks.some(({ python }) => python.length > 0),
  };
}

/** The kernel's name of a thread is mostly that of the program: only the interpreter knows what it was called. */
function withPythonNames(evidence: Evidence): Evidence {
  if (evidence.source === 'py-spy' || evidence.source === 'faulthandler') return evidence;
  return { ...evidence, threads: evidence.threads.map((thread) => ({ ...thread, name: null })) };
}

/**
 * Python 3.8 and 3.9 keep the records of daemon threads that finalization has ended, and py-spy shows them
 * as if they lived. Where the kernel knows of one thread only, the rest is past.
 */
function withoutGhosts(threads: readonly Thread[], evidence: readonly Evidence[]): readonly Thread[] {
  const living = evidence
    .filter(({ source, threads }) => source === 'proc' && threads.length > 0)
    .map((one) => one.threads.reduce((sum, { folded }) => sum + 1 + (folded ?? 0), 0));
  return living.length > 0 && Math.max(...living) === 1 ? threads.filter(({ main }) => main) : threads;
}

/** `syscall: 0 0x0` of the source `proc`, which tells it of the main thread alone. */
function systemCalls(evidence: readonly Evidence[]): string[] {
  return evidence.flatMap(({ source, text }) =>
    source === 'proc' ? (text?.match(/^syscall: .*$/mu) ?? []) : [],
  );
}

/** The one that saw the main thread and most Python, else most of anything; of equals the later. The rest only adds to it. */
function primaryOf(evidence: readonly Evidence[]): Evidence | null {
  const worth = ({ threads, snapshot }: Evidence): number[] => [
    // A tool that was cut off may have come no further than a part of the others.
    threads.filter(({ main, frames }) => main && frames.length > 0).length,
    threads.filter((thread) => pythonFrames(thread).length > 0).length,
    threads.reduce((sum, thread) => sum + pythonFrames(thread).length, 0),
    threads.filter((thread) => thread.frames.length > 0).length,
    threads.length,
    snapshot,
  ];
  const compare = (a: Evidence, b: Evidence) => {
    const [left, right] = [worth(a), worth(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return at === -1 ? 0 : (right[at] ?? 0) - (left[at] ?? 0);
  };
  return evidence.toSorted(compare)[0] ?? null;
}

function merge({ pid, role, command }: Evidence, thread: Thread, others: readonly Evidence[]): Stack {
  const same = others.flatMap((one) => one.threads.find((other) => isSame(thread, other)) ?? []);
  const all = [thread, ...same];
  const withNative = all.filter((one) => nativeFrames(one).length > 0);
  // A debugger's stack has no Python frames: one that has both says what was called from where.
  const withBoth = withNative.filter((one) => pythonFrames(one).length > 0);
  const native = longest((withBoth.length > 0 ? withBoth : withNative).map(({ frames }) => frames));
  return {
    pid,
    role,
    command,
    name: all.find(({ name }) => name !== null)?.name ?? null,
    tid: all.find(({ tid }) => tid !== null)?.tid ?? null,
    main: thread.main,
    states: all.flatMap(({ state }) => state ?? []),
    python: longest(all.map(pythonFrames)),
    mixed: native,
    folded: thread.folded ?? 0,
  };
}

function longest(lists: readonly (readonly Frame[])[]): readonly Frame[] {
  return lists.reduce<readonly Frame[]>((best, list) => (list.length > best.length ? list : best), []);
}

/** Without a thread id (py-spy on 3.8 and 3.9) two threads are the same if their Python stacks are. */
function isSame(a: Thread, b: Thread): boolean {
  if (a.main || b.main) return a.main === b.main;
  if (a.tid !== null && b.tid !== null) return a.tid === b.tid;
  const [left, right] = [pythonFrames(a), pythonFrames(b)];
  return (
    left.length > 0 &&
    left.length === right.length &&
    left.every(
      (frame, index) => frame.function === right[index]?.function && frame.file === right[index]?.file,
    )
  );
}

import { type AwaitedThread, nameKey } from '../evidence/marks.ts';
import type { Frame } from '../report/model.ts';
import type { Facts, ProcessFacts, Stack } from './facts.ts';
import { HAS_GIL, has, hasState, inFile, isFrame, waitOf } from './waiting.ts';

/** main → the thread it joins → the child that waits on. The last one is what everything waits for. */
export type Chain = readonly [Stack, ...Stack[]];

/** Threads that libraries keep in the background as daemons: nobody waits for them at the end. */
const HELPER_FILES =
  /\/(?:tqdm\/_monitor|multiprocessing\/(?:resource_tracker|queues|pool)|sentry_sdk\/\S+|apscheduler\/executors\/\S+)\.py$/u;
const HELPER_NAMES =
  /^(?:QueueFeederThread|QueueManagerThread|ExecutorManagerThread|pymongo_\w+|watchdog\S*|IPythonHistorySavingThread)$/u;

export function waitChain(facts: Facts): Chain | null {
  const start = startOf(facts);
  if (start === null) return null;
  const chain: [Stack, ...Stack[]] = [start];
  // Each step must lead on; the bound is for stacks that name each other.
  for (let step = 0; step < 4; step++) {
    const next = nextOf(chain.at(-1) ?? start, facts, chain);
    if (next === null) break;
    chain.push(next);
  }
  return chain;
}

function startOf(facts: Facts): Stack | null {
  if (facts.phase !== 'descendants') return facts.main?.main ?? null;
  const holders = facts.left
    .filter(({ holds }) => holds !== undefined && holds.length > 0)
    .map(({ pid }) => pid);
  const child = facts.children.find(({ pid }) => holders.includes(pid)) ?? facts.children[0];
  return child === undefined ? null : mainOrOnly(child);
}

function mainOrOnly(process: ProcessFacts): Stack | null {
  return process.main ?? process.stacks[0] ?? null;
}

function nextOf(stack: Stack, facts: Facts, before: readonly Stack[]): Stack | null {
  const process = processOf(stack, facts);
  if (process === null) return null;
  const others = process.stacks.filter((other) => !before.includes(other) && other !== stack);
  const wait = waitOf(stack);
  if (wait === 'gil') return others.find((other) => hasState(other, HAS_GIL)) ?? null;
  if (wait === 'child' || isProcessManager(stack)) return childOf(stack, facts, before);
  if (joins(stack, wait)) return joined(stack, others, facts);
  return null;
}

function processOf(stack: Stack, facts: Facts): ProcessFacts | null {
  if (facts.main?.pid === stack.pid) return facts.main;
  return facts.children.find(({ pid }) => pid === stack.pid) ?? null;
}

/** Waits for a thread's end: `join`, the interpreter's own wait, or asyncio's for its executor. */
function joins(stack: Stack, wait: ReturnType<typeof waitOf>): boolean {
  if (wait === 'thread' || isShuttingDownThreads(stack)) return true;
  return waitsForLoopExecutor(stack);
}

export function isShuttingDownThreads(stack: Stack): boolean {
  const [top] = stack.python;
  return top !== undefined && isFrame(top, '_shutdown', '/threading.py');
}

/** The loop runs on only to wait for the thread that joins the executor's workers. */
function waitsForLoopExecutor(stack: Stack): boolean {
  return (
    has(stack, 'run_until_complete', '/asyncio/base_events.py') &&
    has(stack, /^(?:run|close)$/u, '/asyncio/runners.py')
  );
}

export const isExecutorWorker = (stack: Stack) => has(stack, '_worker', '/concurrent/futures/thread.py');
const isExecutorShutdown = (stack: Stack) =>
  has(stack, /^(?:shutdown|_python_exit)$/u, '/concurrent/futures/thread.py');
const isProcessManager = (stack: Stack) =>
  has(
    stack,
    /^(?:run|wait_result_broken_or_wakeup|_queue_management_worker|join_executor_internals)$/u,
    '/concurrent/futures/process.py',
  );

function joined(stack: Stack, others: readonly Stack[], facts: Facts): Stack | null {
  if (waitsForLoopExecutor(stack)) {
    return others.find((other) => has(other, '_do_shutdown', '/asyncio/base_events.py')) ?? null;
  }
  if (has(stack, '_finalize_join', '/multiprocessing/queues.py')) return null;
  if (has(stack, /^(?:shutdown|_python_exit|join_executor_internals)$/u, '/concurrent/futures/process.py')) {
    return others.find(isProcessManager) ?? null;
  }
  const fitting = others.filter(
    (other) => other.python.length > 0 && (isExecutorWorker(other) || !isExecutorShutdown(stack)),
  );
  return mostLikely(awaitedOf(fitting, stack, facts) ?? withoutDaemons(fitting, facts), facts);
}

/** Those that the interpreter's end waits for, as the program itself told; null where it did not. */
function awaitedOf(
  threads: readonly Stack[],
  waiter: Stack,
  { awaited, phase, main }: Facts,
): Stack[] | null {
  if (awaited === null || phase !== 'threading-shutdown' || waiter !== main?.main) return null;
  const known = threads.filter((thread) => awaited.some((one) => isThread(thread, one)));
  // None of them is there: the tools gave neither ids nor names, or it waits for one that started later.
  return known.length > 0 || awaited.length === 0 ? known : null;
}

function isThread({ tid, name }: Stack, awaited: AwaitedThread): boolean {
  return tid === null ? name !== null && nameKey(name) === awaited.key : tid === awaited.tid;
}

/** From outside a daemon can't be told from another thread; where it comes from tells most of it. */
function withoutDaemons(threads: readonly Stack[], facts: Facts): readonly Stack[] {
  const others = threads.filter((thread) => !isHelper(thread));
  const plain = others.filter((thread) => !startedAsDaemon(thread, facts));
  return plain.length > 0 ? plain : others;
}

/** Of several any will do that runs code of the user's, or at least a job; else the first. */
function mostLikely(threads: readonly Stack[], facts: Facts): Stack | null {
  const score = (thread: Stack): number =>
    (userFrame(thread, facts) === null ? 0 : 2) + (isExecutorWorker(thread) && !runsJob(thread) ? 0 : 1);
  return threads.toSorted((a, b) => score(b) - score(a))[0] ?? null;
}

function isHelper(thread: Stack): boolean {
  if (thread.name !== null && HELPER_NAMES.test(thread.name)) return true;
  return thread.python.some((frame) => inFile(frame, HELPER_FILES));
}

/** A worker without a job waits in the queue for one. */
function runsJob(worker: Stack): boolean {
  return has(worker, 'run', '/concurrent/futures/thread.py');
}

/** `Thread(target=poll, daemon=True)` in the source, as far as one statement tells. */
function startedAsDaemon(thread: Stack, facts: Facts): boolean {
  const at = thread.python.findIndex((frame) => isFrame(frame, 'run', '/threading.py'));
  const target = at > 0 ? thread.python[at - 1] : undefined;
  if (target === undefined) return false;
  const name = target.function.replaceAll(/\W/gu, '');
  const text = facts.source.fileText(target);
  if (text === null || name === '') return false;
  const starts = [
    ...text.matchAll(
      new RegExp(
        `\\bThread\\(([^()]|\\([^()]*\\))*?\\btarget\\s*=\\s*[\\w.]*\\b${name}\\b([^()]|\\([^()]*\\))*\\)`,
        'gu',
      ),
    ),
  ];
  return starts.length > 0 && starts.every(([call]) => /\bdaemon\s*=\s*True\b/u.test(call));
}

/**
 * The child that is waited for, if it is one of the program's own: forked or started by multiprocessing.
 * A foreign command is named by whoever waits for it.
 */
function childOf(stack: Stack, facts: Facts, before: readonly Stack[]): Stack | null {
  const stacks = facts.children
    .filter(({ pid }) => pid !== stack.pid)
    .flatMap((child) => mainOrOnly(child) ?? [])
    .filter((child) => !before.includes(child));
  return stacks.find((child) => hasOwnFrame(child, facts)) ?? null;
}

function hasOwnFrame(child: Stack, facts: Facts): boolean {
  const frame = userFrame(child, facts);
  return frame?.file !== undefined && frame.file !== null && !frame.file.startsWith('<');
}

/** The innermost frame of the project's. A forked worker's frames from before the fork are its parent's. */
export function userFrame(stack: Stack, facts: Facts): Frame | null {
  return sinceFork(stack.python).find((frame) => facts.kind(frame) === 'user') ?? null;
}

export function sinceFork(frames: readonly Frame[]): readonly Frame[] {
  const at = frames.findIndex((frame) => isFrame(frame, '_bootstrap', '/multiprocessing/process.py'));
  return at === -1 ? frames : frames.slice(0, at);
}

import { isExecutorWorker } from '../chain.ts';
import type { ProcessFacts, Stack } from '../facts.ts';
import { has115634, POOL_WITHOUT_WORKERS_115634 } from '../knownBugs.ts';
import { has } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

const TEARDOWN_AND_RUN = ['run', 'threading-shutdown', 'atexit'] as const;

const anyStack = (situation: Situation, test: (stack: Stack) => boolean) =>
  (situation.facts.main?.stacks ?? []).some(test);

const stops = /^(?:_python_exit|shutdown|join_executor_internals)$/u;

const waitsForThreads = (stack: Stack) => has(stack, stops, '/concurrent/futures/thread.py');
const waitsForProcesses = (stack: Stack) => has(stack, stops, '/concurrent/futures/process.py');

/** The source hands the job to the loop's executor: on 3.8 nothing on the stacks tells. */
function givenToLoop({ guilty, facts }: Situation): boolean {
  const text = guilty === null ? null : facts.source.fileText(guilty.frame);
  if (text === null || guilty === null) return false;
  const name = guilty.frame.function.replaceAll(/\W/gu, '');
  return (
    name !== '' && new RegExp(`\\brun_in_executor\\(\\s*None\\s*,\\s*[\\w.]*\\b${name}\\b`, 'u').test(text)
  );
}

const POOL = '/concurrent/futures/process.py';
/** With 1, and with None, it works. */
const ENDS_WORKERS = /\bmax_tasks_per_child\s*=(?!\s*(?:1|None)\b)/u;

/** The pool waits for results, and has no process that could work on them. Where one could not be looked into, it may have. */
function poolWithoutWorkers({ main, guilty, facts }: Situation): boolean {
  if (main === null || guilty === null || !has115634(facts.version)) return false;
  const waits = waitsForProcesses(main) || has(main, 'result', '/concurrent/futures/_base.py');
  const manager = (stack: Stack) => has(stack, 'wait_result_broken_or_wakeup', POOL);
  if (!waits || !(facts.main?.stacks ?? []).some(manager)) return false;
  const isNoWorker = ({ command, python, stacks }: ProcessFacts) =>
    /\bresource_tracker\b/u.test(command) ||
    (python && !stacks.some((stack) => has(stack, '_process_worker', POOL)));
  const source = facts.source.fileText(guilty.frame) ?? '';
  return facts.children.every(isNoWorker) && ENDS_WORKERS.test(source);
}

export const executors: readonly Cause[] = [
  {
    slug: 'asyncio-executor',
    phases: TEARDOWN_AND_RUN,
    about:
      "`asyncio.run` waits for its default executor before it returns; a job of `asyncio.to_thread` or `run_in_executor(None, …)` that doesn't end keeps it. Cancelling the task doesn't end the thread.",
    matches: (situation) => {
      const { main, end } = situation;
      if (main === null || end === null || end === main) return false;
      if (anyStack(situation, (stack) => has(stack, '_do_shutdown', '/asyncio/base_events.py'))) return true;
      const named = /^asyncio_\d+$/u.test(end.name ?? '') && isExecutorWorker(end);
      return waitsForThreads(main) && isExecutorWorker(end) && (named || givenToLoop(situation));
    },
    summary: ({ guilty }) => `asyncio waits for its thread pool, where a job is still in ${guilty}`,
    remedy:
      'Give the blocking call in the thread a timeout of its own (`gate.wait(timeout=5)`, a socket timeout): `wait_for` around it ends the wait, not the thread.',
    programs: ['run_asyncio_executor'],
  },
  {
    ...POOL_WITHOUT_WORKERS_115634,
    phases: TEARDOWN_AND_RUN,
    matches: poolWithoutWorkers,
    summary: ({ guilty }, { facts }) =>
      `A ProcessPoolExecutor waits for jobs in ${guilty} and has no process left that would do them, a bug of Python ${facts.version?.join('.') ?? ''} with max_tasks_per_child (CPython issue 115634)`,
    programs: [],
  },
  {
    slug: 'executor-process',
    phases: TEARDOWN_AND_RUN,
    about:
      'A `ProcessPoolExecutor` waits for the jobs in its processes before it ends; one of them does not end.',
    matches: ({ main }) => main !== null && waitsForProcesses(main),
    summary: ({ guilty: place, who }, { guilty }) =>
      guilty?.stack.role === 'descendant'
        ? `A ProcessPoolExecutor waits for a job that is still in ${place} (${who})`
        : `A ProcessPoolExecutor waits in ${place} for jobs that have not ended`,
    remedy:
      'Bound the job itself by a timeout, and drop what has not begun: `pool.shutdown(cancel_futures=True)` (3.9 and later). A job that hangs for good can only be ended by ending its process.',
    programs: [],
  },
  {
    slug: 'executor-thread',
    phases: TEARDOWN_AND_RUN,
    about:
      "A `ThreadPoolExecutor` waits for its jobs: at the end of its `with` block, and once more when the interpreter ends. One of them doesn't end.",
    matches: ({ main, end }) => {
      if (main === null || !waitsForThreads(main)) return false;
      return end !== null && end !== main && isExecutorWorker(end);
    },
    summary: ({ guilty, who }) => `A ThreadPoolExecutor waits for a job that is still in ${guilty} (${who})`,
    remedy:
      'Let the job end: a timeout on what it waits for, or an Event that it looks at. Drop what has not begun by `pool.shutdown(cancel_futures=True)` (3.9 and later).',
    programs: ['executor_thread_blocked', 'run_with_executor'],
  },
];

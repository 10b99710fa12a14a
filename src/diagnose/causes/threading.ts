import type { Frame } from '../../report/model.ts';
import { isShuttingDownThreads, userFrame } from '../chain.ts';
import type { Stack } from '../facts.ts';
import { AIOSQLITE_OPEN } from '../knownBugs.ts';
import { has, hasNative, hasState, inFile, isFrame, kernelState, waitOf } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

const PHASE = ['threading-shutdown'] as const;

/** The thread that the interpreter waits for: not main itself, and not a thread of a child. */
function worker({ end }: Situation): Stack | null {
  return end === null || end.main || end.role === 'descendant' ? null : end;
}

function waitsForThread({ main }: Situation): boolean {
  if (main === null) return false;
  return (
    isShuttingDownThreads(main) ||
    has(main, '_shutdown', '/threading.py') ||
    hasNative(main, /^wait_for_thread_shutdown$/u)
  );
}

function isSpinning(stack: Stack, situation: Situation): boolean {
  const { motion } = situation.facts;
  // A sleeper that wakes now and then may be met running each time.
  if (motion === 'blocked') return false;
  return hasState(stack, kernelState('R')) || (motion === 'spinning' && waitOf(stack) === null);
}

/** `Timer.run` is defined after `Thread`: in the file its line is below that of `Thread._bootstrap_inner`. */
function isTimer(stack: Stack): boolean {
  const bootstrap = stack.python.find((frame) => isFrame(frame, '_bootstrap_inner', '/threading.py'));
  const at = stack.python.findIndex((frame) => isFrame(frame, 'run', '/threading.py'));
  const run = stack.python[at];
  if (run === undefined || bootstrap === undefined || waitOf(stack) !== 'event') return false;
  const after = (run.line ?? 0) > (bootstrap.line ?? Number.POSITIVE_INFINITY);
  return after && stack.python.slice(0, at).every((frame: Frame) => inFile(frame, '/threading.py'));
}

/** Only calls of a scheduler's own pump, in the source of the loop that is seen asleep. */
function pumpsSchedule(stack: Stack, { facts }: Situation): boolean {
  const frame = userFrame(stack, facts);
  const body = frame === null ? null : facts.source.functionBody(frame);
  return body?.some((line) => /\brun_pending\s*\(/u.test(line)) ?? false;
}

const inExcepthook = (stack: Stack) =>
  has(stack, /excepthook$/u, /./u) && !has(stack, 'excepthook', /\/(?:IPython|pdb)\//u);

function lockWaiters({ facts }: Situation): number {
  const stacks = facts.main?.stacks ?? [];
  const waiters = stacks.filter(
    (stack) => !stack.main && waitOf(stack) === 'lock' && userFrame(stack, facts) !== null,
  );
  return waiters.reduce((sum, { folded }) => sum + 1 + folded, 0);
}

function inWorker(test: (stack: Stack, situation: Situation) => boolean) {
  return (situation: Situation): boolean => {
    const stack = worker(situation);
    return stack !== null && waitsForThread(situation) && test(stack, situation);
  };
}

const leftBehind = 'The program has ended, but';

export const threading: readonly Cause[] = [
  {
    slug: 'gevent-hub',
    phases: PHASE,
    about:
      "gevent replaces the interpreter's wait for threads: the hub runs its event loop until no greenlet and no job of its thread pool is left.",
    matches: ({ main }) => main !== null && has(main, 'run', /\/gevent\/hub\.py$/u),
    summary: () => "gevent's hub still runs its loop: a greenlet or a job of its thread pool has not ended",
    remedy: 'End them first:\n    gevent.killall(greenlets)\n    gevent.get_hub().threadpool.kill()',
    programs: [],
  },
  {
    slug: 'excepthook-blocks',
    phases: PHASE,
    about:
      'An exception that nobody caught ended a thread, and the hook that reports it waits: a thread in its excepthook still counts as alive.',
    matches: (situation) => worker(situation) !== null && (situation.chain ?? []).some(inExcepthook),
    summary: ({ guilty }) => `The excepthook waits in ${guilty}, so that what it reports on never ends`,
    remedy: 'Never wait in a hook: write the report with a timeout, or hand it to something else and return.',
    programs: ['run_excepthook_blocks'],
  },
  {
    slug: 'timer-pending',
    phases: PHASE,
    about:
      'A `threading.Timer` is a thread that waits until its time has come, and it is no daemon: the interpreter waits with it.',
    matches: inWorker(isTimer),
    summary: ({ who }) => `${leftBehind} a threading.Timer (${who}) is still waiting for its time`,
    remedy:
      'Cancel it when it is no longer needed:\n    timer.cancel()\nor let it not count:\n    timer.daemon = True  # before timer.start()',
    programs: ['thread_timer'],
  },
  {
    slug: 'scheduler-thread',
    phases: PHASE,
    about: 'A scheduler runs its loop in a thread that is no daemon, and nobody tells it to end.',
    matches: inWorker(
      (stack, situation) =>
        has(stack, '_main_loop', /\/apscheduler\//u) ||
        has(stack, 'run_pending', /\/schedule\//u) ||
        has(stack, 'run', /\/sched\.py$/u) ||
        pumpsSchedule(stack, situation),
    ),
    summary: ({ guilty, who }) =>
      `${leftBehind} the scheduler's loop in ${guilty} (${who}) was not told to stop`,
    remedy:
      'Stop it at the end: `scheduler.shutdown()` for APScheduler; a loop around `schedule.run_pending()` needs an Event:\n    while not stop.wait(1):\n        schedule.run_pending()\nthen `stop.set()` and `thread.join()`.',
    programs: ['lib_schedule_thread'],
  },
  {
    slug: 'server-thread',
    phases: PHASE,
    about: 'An ASGI server runs in a thread that is no daemon and serves until it is told to exit.',
    matches: inWorker((stack) => has(stack, /./u, /\/(?:uvicorn|hypercorn|daphne)\//u)),
    summary: ({ who }) => `${leftBehind} the server in ${who} still serves`,
    remedy: 'Tell it to exit, then wait for it:\n    server.should_exit = True\n    thread.join()',
    programs: [],
  },
  {
    slug: 'accept-loop',
    phases: PHASE,
    about: 'A thread that is no daemon waits for connections, and nobody tells it to stop.',
    matches: inWorker(
      (stack) => waitOf(stack) === 'accept' || has(stack, 'serve_forever', '/socketserver.py'),
    ),
    summary: ({ guilty, who }) => `${leftBehind} ${who} still waits for connections in ${guilty}`,
    remedy:
      'For a socketserver:\n    server.shutdown()\n    server.server_close()\nFor a bare socket: shut it down (`sock.shutdown(socket.SHUT_RDWR); sock.close()`) and leave the loop on the error; then join the thread.',
    programs: [],
  },
  {
    ...AIOSQLITE_OPEN,
    phases: PHASE,
    matches: inWorker((stack) => has(stack, /^(?:run|_connection_worker_thread)$/u, '/aiosqlite/core.py')),
    summary: ({ who }) => `${leftBehind} ${who} serves a connection of aiosqlite that was not closed`,
    programs: [],
  },
  {
    slug: 'queue-consumer',
    phases: PHASE,
    about: 'A consumer thread waits in `Queue.get()` for an item that nobody will send.',
    matches: inWorker((stack) => waitOf(stack) === 'queue'),
    summary: ({ guilty, who }) => `${leftBehind} ${who} still waits for an item of a queue in ${guilty}`,
    remedy:
      'Send each consumer an end mark, and wait for it:\n    jobs.put(None)   # the loop: if job is None: return\n    worker.join()',
    programs: ['thread_queue_get'],
  },
  {
    slug: 'thread-deadlock',
    phases: PHASE,
    about: 'Two or more threads each wait for a lock that another of them holds.',
    matches: (situation) =>
      inWorker((stack) => waitOf(stack) === 'lock')(situation) && lockWaiters(situation) >= 2,
    summary: ({ guilty }, situation) =>
      `${lockWaiters(situation)} threads wait for locks, one of them in ${guilty}: a deadlock`,
    remedy:
      'Take the locks in the same order everywhere, or take them with a timeout and give all back when one fails.',
    programs: [],
  },
  {
    slug: 'thread-spins',
    phases: PHASE,
    about: 'A thread that is no daemon computes on and on. The interpreter waits for it.',
    matches: inWorker(isSpinning),
    summary: ({ guilty, who }) => `${leftBehind} ${who} still runs and uses the processor in ${guilty}`,
    remedy:
      'Let the loop look at a stop flag:\n    while not stop.is_set():\n        ...\nthen `stop.set()` and `thread.join()` at the end.',
    programs: ['thread_busy_loop'],
  },
  {
    slug: 'nondaemon-thread',
    phases: PHASE,
    about:
      'The interpreter ends only when each thread that is no daemon has ended. One of them has not, and nobody tells it to.',
    matches: inWorker((stack) => stack.python.length > 0),
    summary: ({ guilty, who }) => `${leftBehind} ${who} is still in ${guilty}, and Python waits for it`,
    remedy:
      'Tell the thread to stop and wait for it:\n    stop = threading.Event()      # in the loop: while not stop.wait(1): ...\n    stop.set()\n    thread.join()\nIf its work may be cut off at any point: `threading.Thread(..., daemon=True)`.',
    programs: ['thread_sleep', 'thread_300', 'thread_after_exception', 'intermittent_02'],
  },
];

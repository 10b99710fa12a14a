import type { Stack } from '../facts.ts';
import { OPENTELEMETRY_EXPORT, TQDM_MONITOR } from '../knownBugs.ts';
import { has, hasNative, hasState, inFile, isFrame, kernelState, type Wait, waitOf } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

const PHASE = ['atexit'] as const;

/** The handler that atexit called: the main thread's outermost frame, if it isn't the library's own machinery. */
function handler({ main, facts }: Situation): Stack | null {
  const root = main?.python.at(-1);
  if (main === null || root === undefined) return null;
  const machinery = inFile(root, /\/(?:multiprocessing\/util|concurrent\/futures\/\w+|threading)\.py$/u);
  return machinery || facts.kind(root) === 'packager' ? null : main;
}

function handlerWaits(...waits: readonly Wait[]) {
  return (situation: Situation): boolean => {
    const stack = handler(situation);
    const wait = stack === null ? null : (waitOf(stack) ?? waitInSource(situation));
    return wait !== null && waits.includes(wait);
  };
}

const READS_STDIN =
  /\binput\(|\bstdin\b|\bgetpass\(|\bos\.read\(\s*0\s*,|\bopen\(\s*['"]\/dev\/(?:stdin|tty)/u;

/** Without native frames the line itself says what a call into C waits for. */
function waitInSource({ guilty, main, facts }: Situation): Wait | null {
  if (guilty === null || main === null || main.mixed.length > 0 || main.python[0] !== guilty.frame)
    return null;
  const { line } = guilty.frame;
  const text = line === null ? '' : (facts.source.fileText(guilty.frame)?.split('\n')[line - 1] ?? '');
  if (READS_STDIN.test(text)) return 'stdin';
  if (/\.(?:recv|recv_into|recvfrom|connect|accept)\(/u.test(text)) return 'socket';
  if (/\bos\.wait(?:pid)?\(/u.test(text)) return 'child';
  if (/\.acquire\(|^\s*with\s[\w.]*(?:lock|mutex)\w*\s*:/iu.test(text)) return 'lock';
  return null;
}

/** A read of descriptor 0, or of what the source calls stdin. */
function readsStdin(situation: Situation): boolean {
  const stack = handler(situation);
  if (stack === null) return false;
  const wait = waitOf(stack) ?? waitInSource(situation);
  if (wait === 'stdin') return true;
  if (wait !== 'read') return false;
  const { guilty, facts } = situation;
  const line = guilty?.frame.line ?? null;
  const text =
    guilty === null || line === null
      ? ''
      : (facts.source.fileText(guilty.frame)?.split('\n')[line - 1] ?? '');
  return READS_STDIN.test(text);
}

export const atexit: readonly Cause[] = [
  {
    slug: 'mp-queue-feeder',
    phases: PHASE,
    about:
      'A `multiprocessing.Queue` hands its items to a feeder thread that writes them into a pipe. At the end the process waits until all are written; if nobody reads, that is never.',
    matches: ({ main }) => main !== null && has(main, '_finalize_join', '/multiprocessing/queues.py'),
    summary: () =>
      'A multiprocessing.Queue still has items that nobody takes, and the process waits until its feeder thread has written them',
    remedy:
      'Take all items out before the end, or give them up:\n    queue.cancel_join_thread()\n    queue.close()',
    programs: ['mp_queue_feeder'],
  },
  {
    slug: 'mp-manager-gone',
    phases: PHASE,
    about:
      'A proxy of a `multiprocessing.Manager` tells the manager that it goes. If the manager is gone or stuck, that call waits.',
    matches: ({ main }) => main !== null && has(main, '_decref', '/multiprocessing/managers.py'),
    summary: () =>
      'A proxy object of a multiprocessing.Manager still tries to reach its manager, which is gone or does not answer',
    remedy:
      'Drop the proxies before the manager ends:\n    del shared\n    manager.shutdown()\nor use it as `with Manager() as manager:` and keep no proxy outside of it.',
    programs: [],
  },
  {
    slug: 'mp-child',
    phases: PHASE,
    about:
      'multiprocessing waits at exit for each child process that is no daemon, and ends pools by terminating and joining their workers. One child is still alive.',
    matches: ({ main, facts }) =>
      main !== null &&
      has(main, '_exit_function', '/multiprocessing/util.py') &&
      (waitOf(main) === 'child' || has(main, /^(?:join|_terminate_pool|wait)$/u, /\/multiprocessing\//u)) &&
      (facts.children.length > 0 || waitOf(main) === 'child'),
    summary: ({ guilty, who }) =>
      `multiprocessing waits at exit for a child that is still alive, ${guilty} (${who})`,
    remedy:
      'End and join it yourself: `process.join(timeout)`, then `process.terminate()` or `process.kill()`; a pool by `with Pool() as pool:`. If it may be cut off: `Process(..., daemon=True)`.',
    programs: ['mp_process_stuck', 'mp_pool_sigterm'],
  },
  {
    slug: 'weakref-finalize',
    phases: PHASE,
    about: 'A `weakref.finalize` whose object is still alive runs at exit, and what it calls waits.',
    matches: ({ main }) => main !== null && has(main, '_exitfunc', '/weakref.py'),
    summary: ({ guilty }) => `A weakref.finalize callback runs at exit and waits in ${guilty}`,
    remedy:
      'Close it explicitly while the program still runs, or keep it out of the exit:\n    finalizer.atexit = False',
    programs: [],
  },
  {
    slug: 'logging-shutdown',
    phases: PHASE,
    about:
      '`logging.shutdown` flushes and closes each handler at exit. One of them waits: for a network, a pipe, or its own lock.',
    matches: ({ main }) => main !== null && has(main, 'shutdown', /\/logging\/__init__\.py$/u),
    summary: ({ guilty }) => `logging.shutdown() waits at exit for a handler, in ${guilty}`,
    remedy:
      "Use handlers that can't block: a timeout on the socket, a QueueHandler with a bounded queue; in its flush and close, take locks with a timeout.",
    programs: [],
  },
  {
    ...TQDM_MONITOR,
    phases: PHASE,
    matches: ({ main }) =>
      main !== null && waitOf(main) === 'thread' && has(main, 'exit', '/tqdm/_monitor.py'),
    summary: () => "tqdm waits at exit for its monitor thread, which waits for tqdm's lock",
    programs: [],
  },
  {
    ...OPENTELEMETRY_EXPORT,
    phases: PHASE,
    matches: ({ main }) =>
      main !== null && waitOf(main) === 'thread' && has(main, 'shutdown', /\/opentelemetry\/sdk\//u),
    summary: ({ guilty }) => `OpenTelemetry waits at exit for its last export, which is in ${guilty}`,
    programs: [],
  },
  {
    slug: 'atexit-stdin',
    phases: PHASE,
    about:
      'An exit handler reads from stdin. With a terminal someone may answer; in CI or with an open pipe nobody does.',
    matches: readsStdin,
    summary: ({ guilty }) => `An exit handler waits for input in ${guilty}`,
    remedy:
      'Ask nothing at exit; if it must be, ask only a person:\n    if sys.stdin.isatty():\n        input("press Enter")',
    programs: ['atexit_stdin_read'],
  },
  {
    slug: 'atexit-socket',
    phases: PHASE,
    about: 'An exit handler talks over a network and waits for an answer without a limit.',
    matches: handlerWaits('socket', 'accept'),
    summary: ({ guilty }) => `An exit handler waits for the network in ${guilty}`,
    remedy: 'Set a limit before:\n    sock.settimeout(2)\nor say goodbye while the program still runs.',
    programs: [],
  },
  {
    slug: 'atexit-child-wait',
    phases: PHASE,
    about:
      'An exit handler waits for a child process that does not end; often it waits for its stdin to be closed.',
    matches: handlerWaits('child'),
    summary: ({ guilty }) => `An exit handler waits for a child process in ${guilty}`,
    remedy:
      'Wait with a limit, then end it:\n    try:\n        child.wait(timeout=5)\n    except subprocess.TimeoutExpired:\n        child.kill()\nClose its stdin first, if it reads it.',
    programs: ['atexit_child_wait'],
  },
  {
    slug: 'atexit-lock',
    phases: PHASE,
    about: 'An exit handler wants a lock that another thread holds and does not give back.',
    matches: handlerWaits('lock'),
    summary: ({ guilty, held }) => `An exit handler waits for a lock in ${guilty}${held}`,
    remedy:
      'Release it before the end: stop and join the thread that holds it, or take it with a limit in the handler:\n    if lock.acquire(timeout=2):\n        ...',
    programs: ['atexit_lock_held'],
  },
  {
    slug: 'atexit-handler',
    phases: PHASE,
    about: 'A function that was registered with `atexit` does not return.',
    matches: (situation) => {
      const stack = handler(situation);
      return (
        stack !== null &&
        !(hasNative(stack, /^vfork$/u) && hasState(stack, kernelState('D'))) &&
        !isTeardownOfThreads(stack)
      );
    },
    summary: ({ guilty }) => `An exit handler does not return: it is in ${guilty}`,
    remedy:
      'Bound what the handler does by a timeout, or do it at the end of the program itself, where it can fail and be seen.',
    programs: ['atexit_fifo_cleanup', 'atexit_flood', 'atexit_gil_hog'],
  },
];

function isTeardownOfThreads(stack: Stack): boolean {
  const root = stack.python.at(-1);
  return root !== undefined && isFrame(root, '_shutdown', '/threading.py');
}

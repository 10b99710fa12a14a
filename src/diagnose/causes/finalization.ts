import { userFrame } from '../chain.ts';
import type { Stack } from '../facts.ts';
import { isNameless } from '../guilty.ts';
import {
  affectedBy96387,
  DAEMON_JOINED_87135,
  GIL_DROP_96387,
  has146313,
  THREAD_IN_DEL_87950,
  TRACKER_146313,
} from '../knownBugs.ts';
import { has, hasNative, hasState, inFile, innerNative, kernelState, symbol, waitOf } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

const PHASE = ['finalization'] as const;

const runsDel = (stack: Stack): boolean => stack.python.some(({ function: name }) => name === '__del__');
const inDel = (stack: Stack | null): stack is Stack => stack !== null && runsDel(stack);

function otherPythonThreads({ facts }: Situation): number {
  return (facts.main?.stacks ?? []).filter((stack) => !stack.main && userFrame(stack, facts) !== null).length;
}

function isSpinning({ facts, main }: Situation): boolean {
  // A sleeper that wakes now and then may be met running each time.
  if (main === null || facts.motion === 'blocked') return false;
  return facts.motion === 'spinning' || hasState(main, kernelState('R'));
}

/** The interpreter closes a generator: by its own frames, else by what the source of the outermost frame is. */
function closesGenerator({ main, facts }: Situation): boolean {
  const root = main?.python.at(-1);
  if (main === null || root === undefined || runsDel(main)) return false;
  if (hasNative(main, /^(?:gen_close\w*|_?PyGen_Finalize|gen_finalize|coro_close|async_gen_\w+)$/u))
    return true;
  if (main.mixed.length > 0) return false;
  return facts.source.functionBody(root)?.some((line) => /\byield\b/u.test(line)) ?? false;
}

function inWeakrefCallback({ main }: Situation): boolean {
  if (main === null || main.python.length === 0 || runsDel(main)) return false;
  return hasNative(main, /^(?:handle_callback|handle_weakrefs|PyObject_ClearWeakRefs)$/u);
}

/**
 * drop_gil() of an interpreter without symbols, such as Debian's: its own code waits on a condition, without a limit.
 * It has no other such wait: its locks are semaphores, and whoever asks for the GIL looks up every few milliseconds.
 */
function dropsUnnamed(main: Stack): boolean {
  const native = innerNative(main);
  const at = native.findIndex((frame) => symbol(frame) === 'pthread_cond_wait');
  const callers = native.slice(at + 1);
  return at !== -1 && callers.length > 0 && callers.every(isNameless);
}

const TRACKER = '/multiprocessing/resource_tracker.py';

/** Its whole stack is the tracker's: a __del__ of the program's own may use the tracker, too. */
function stopsTracker({ main, facts }: Situation): boolean {
  if (main === null || !has146313(facts.version) || !has(main, '__del__', TRACKER)) return false;
  return main.python.every((frame) => inFile(frame, TRACKER)) && has(main, /^_stop/u, TRACKER);
}

export const finalization: readonly Cause[] = [
  {
    ...GIL_DROP_96387,
    phases: PHASE,
    matches: ({ main, facts }) => {
      if (main === null || !affectedBy96387(facts.version)) return false;
      const drops = hasNative(main, /^drop_gil$/u) || hasState(main, /dropping the gil/iu);
      return (drops || dropsUnnamed(main)) && (facts.main?.stacks ?? []).length === 1;
    },
    summary: ({ guilty }, { facts }) =>
      `Python ${facts.version?.join('.') ?? ''} waits for ever in drop_gil(), a bug of CPython (issue 96387): a daemon thread asked for the GIL and was gone before it was given; ${guilty} only happened to be the next Python code`,
    programs: ['origin/ledger'],
  },
  {
    slug: 'del-lock-daemon',
    phases: PHASE,
    about:
      'When finalization begins, daemon threads are frozen where they stand. A `__del__` that then wants a lock which one of them held waits for ever.',
    matches: (situation) => {
      const { main } = situation;
      return inDel(main) && waitOf(main) === 'lock' && otherPythonThreads(situation) === 0;
    },
    summary: ({ guilty }) =>
      `A __del__ waits for a lock in ${guilty}; whoever held it was a daemon thread and froze when finalization began`,
    remedy:
      'Stop and join the daemon thread before the end, so that it gives the lock back; take no lock in `__del__`: close explicitly, by `close()` or `with`.',
    programs: ['del_lock_daemon', 'pex_registry_lock'],
  },
  {
    ...THREAD_IN_DEL_87950,
    phases: PHASE,
    // No later version lets a thread be started here at all.
    matches: ({ main }) => inDel(main) && waitOf(main) === 'event' && has(main, 'start', '/threading.py'),
    summary: ({ guilty }) =>
      `A __del__ starts a thread in ${guilty}, while the interpreter ends, and waits for ever until it has begun (CPython issue 87950)`,
    programs: [],
  },
  {
    ...DAEMON_JOINED_87135,
    phases: PHASE,
    // Any other thread has ended by now.
    matches: ({ main }) => inDel(main) && waitOf(main) === 'thread',
    summary: ({ guilty }) =>
      `A __del__ joins a daemon thread in ${guilty}, while the interpreter ends; it is frozen and never ends (CPython issue 87135)`,
    programs: [],
  },
  {
    ...TRACKER_146313,
    phases: PHASE,
    matches: stopsTracker,
    summary: ({ guilty, who }, situation) => {
      const child =
        situation.guilty?.stack.role === 'descendant'
          ? `${who} has: it is in ${guilty}`
          : 'a forked child has';
      return `Python waits for multiprocessing's resource tracker, which can't end before ${child} (CPython issue 146313)`;
    },
    programs: [],
  },
  {
    slug: 'del-io',
    phases: PHASE,
    about: 'A `__del__` that runs while the interpreter ends waits for a network, a pipe or a child.',
    matches: ({ main }) => {
      if (!inDel(main)) return false;
      const wait = waitOf(main);
      return (
        wait === 'socket' || wait === 'accept' || wait === 'read' || wait === 'write' || wait === 'stdin'
      );
    },
    summary: ({ guilty }) => `A __del__ waits for data in ${guilty}, while the interpreter ends`,
    remedy:
      'Say goodbye in `close()`, with a timeout, and use the object by `with`; let `__del__` do no I/O.',
    programs: ['del_socket_recv'],
  },
  {
    slug: 'del-loop',
    phases: PHASE,
    about:
      'A `__del__` that runs while the interpreter ends loops. What it looks at may be gone by then: module globals are None.',
    matches: (situation) => inDel(situation.main) && isSpinning(situation),
    summary: ({ guilty }) => `A __del__ loops in ${guilty}, while the interpreter ends`,
    remedy: 'Clean up in `close()` and use the object by `with`; let `__del__` wait for nothing.',
    programs: [],
  },
  {
    slug: 'del-handler',
    phases: PHASE,
    about: 'A `__del__` that runs while the interpreter ends does not return.',
    matches: ({ main }) => inDel(main),
    summary: ({ guilty }) => `A __del__ does not return: it is in ${guilty}, while the interpreter ends`,
    remedy: 'Clean up in `close()` and use the object by `with`, not in `__del__`.',
    programs: [],
  },
  {
    slug: 'generator-finally',
    phases: PHASE,
    about:
      'A generator (also one of `@contextmanager`) was never run to its end. The interpreter closes it while it ends, and its `finally` waits.',
    matches: closesGenerator,
    summary: ({ guilty }) =>
      `A generator that was never closed runs its cleanup while the interpreter ends, and waits in ${guilty}`,
    remedy:
      'Close it before the end: use a context manager by `with`, a generator by `contextlib.closing(generator)`.',
    programs: ['contextmanager_finally'],
  },
  {
    slug: 'weakref-callback',
    phases: PHASE,
    about:
      'The callback of a weak reference runs when its object dies, here in the teardown of modules, and waits.',
    matches: inWeakrefCallback,
    summary: ({ guilty }) =>
      `The callback of a weak reference waits in ${guilty}, while the interpreter ends`,
    remedy:
      'Wait for nothing in such a callback, neither for a lock nor for I/O; release what it releases explicitly before the end.',
    programs: ['weakref_callback'],
  },
];

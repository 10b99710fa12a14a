import type { Frame } from '../../report/model.ts';
import { foreignFrame } from '../guilty.ts';
import {
  HAS_GIL,
  has,
  hasNative,
  hasState,
  innerNative,
  kernelState,
  symbol,
  WANTS_GIL,
  waitOf,
} from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

/** The thread that everyone waits for, if it has the GIL and sits in native code with it. */
function gilHog({ facts }: Situation) {
  const stacks = facts.main?.stacks ?? [];
  const waits = stacks.some((stack) => hasState(stack, WANTS_GIL) || waitOf(stack) === 'gil');
  const holder = stacks.find((stack) => hasState(stack, HAS_GIL) && !hasState(stack, WANTS_GIL));
  if (!waits || holder === undefined) return null;
  const native = innerNative(holder);
  const asleep = native.length > 0 && hasState(holder, kernelState('[SD]'));
  // Python code that only computes gives the GIL away every 5 ms: it is no hog, whoever waits at the moment.
  return asleep || foreignFrame(native) !== null || native.some(isLongWork) ? holder : null;
}

/** One call of the interpreter's own C that can take for ever: a regular expression, arithmetic of huge integers. */
const isLongWork = (frame: Frame) =>
  /^_?sre_|^long_(?:pow|to_decimal_string|from_string)|^k_mul$/iu.test(symbol(frame));

const ZMQ_TERM = /\/zmq\//u;

export const anywhere: readonly Cause[] = [
  {
    slug: 'stopped',
    phases: 'any',
    about:
      'The process is stopped (state T), by SIGSTOP, SIGTSTP or a debugger. It neither works nor waits: it runs on at SIGCONT.',
    matches: ({ main }) => main !== null && hasState(main, kernelState('T')),
    summary: () =>
      'The process is stopped (state T): something sent it SIGSTOP or SIGTSTP, and nothing continued it',
    remedy:
      'Find who stops it: `os.kill(pid, signal.SIGSTOP)`, `os.killpg`, a job-control shell that it reads the terminal of, a debugger. Send SIGCONT when done.',
    programs: [],
  },
  {
    slug: 'vfork-exec',
    phases: 'any',
    about:
      'The thread is inside vfork: the kernel lets the parent run again only when the child has called exec or has ended. A child that blocks in between keeps the parent in state D, where no debugger can attach.',
    matches: ({ main, facts }) => {
      if (main === null || !hasState(main, kernelState('D'))) return false;
      const named =
        hasNative(main, /^(?:__)?(?:libc_)?vfork$/u) ||
        hasState(main, /\bkernel_clone\b|\bvfork\b|^syscall: 58\b/u);
      return named || (facts.main?.refused ?? []).some((source) => source === 'pystack' || source === 'gdb');
    },
    summary: ({ guilty }) => `${guilty} waits in vfork for a child that neither calls exec nor ends`,
    remedy:
      'Let nothing block between vfork and exec: no `preexec_fn`, no lock, no I/O in the child. With subprocess, drop `preexec_fn`; in native code use posix_spawn.',
    programs: ['atexit_vfork'],
  },
  {
    slug: 'gil-held',
    phases: 'any',
    about:
      'A thread went into native code without giving the GIL away and stays there. No other thread can run Python until it comes back.',
    matches: (situation) => gilHog(situation) !== null,
    summary: ({ guilty }) => `Native code called by ${guilty} keeps the GIL, so that no other thread can run`,
    remedy:
      'Release the GIL around the call (`Py_BEGIN_ALLOW_THREADS`; `ctypes.CDLL` instead of `ctypes.PyDLL`; `nogil` in Cython), or bound the call by a timeout of its own.',
    programs: ['atexit_gil_hog'],
  },
  {
    slug: 'zmq-linger',
    phases: ['run', 'atexit', 'finalization'],
    about:
      'ZeroMQ terminates its context only when each message that was sent has been delivered, for ever by default in older versions, or when its sockets have been closed.',
    matches: ({ main }) => {
      if (main === null) return false;
      return (
        has(main, /^(?:term|destroy)$/u, ZMQ_TERM) || hasNative(main, /^zmq_(?:ctx_)?(?:term|destroy)$/u)
      );
    },
    summary: () =>
      'ZeroMQ waits in Context.term() for messages that nobody takes, or for sockets that are still open',
    remedy:
      'Close the sockets and let them drop what is unsent:\n    socket.close(linger=0)\n    context.term()\nor, for all of them at once: `context.destroy(linger=0)`.',
    programs: ['lib_zmq_local'],
  },
];

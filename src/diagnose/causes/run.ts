import type { Frame } from '../../report/model.ts';
import { sinceFork } from '../chain.ts';
import type { ProcessFacts, Stack } from '../facts.ts';
import { has, hasNative, waitOf } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

/** What a program's own code is called by, at the outer end of the main thread. */
const ROOTS = /^(?:<module>|_run_module_as_main|_run_code|_shutdown|run)$/u;

/** While Python code runs, its outermost frame is a module; a hook that the interpreter calls has none around it. */
function calledAsHook({ main, facts }: Situation): boolean {
  const root = main?.python.at(-1);
  if (main === null || root === undefined) return false;
  if (main.python.some(({ function: name }) => /excepthook$/u.test(name))) return true;
  if (ROOTS.test(root.function) || facts.kind(root) !== 'user') return false;
  return (
    main.mixed.length > 0 &&
    !hasNative(main, /^(?:run_mod|run_eval_code_obj|PyEval_EvalCode|_PyEval_EvalCode\w*)$/u) &&
    hasNative(main, /^Py_RunMain$/u)
  );
}

/** A child made by fork alone goes on in its parent's program, with its parent's locks. */
function forkedWaiter(situation: Situation): ProcessFacts | null {
  const { facts } = situation;
  return facts.children.find((child) => isFork(child, facts.main) && waitsForLock(child)) ?? null;
}

function waitsForLock(child: ProcessFacts): boolean {
  const stack = child.main ?? child.stacks[0] ?? null;
  return stack !== null && waitOf(stack) === 'lock';
}

function isFork(child: ProcessFacts, main: ProcessFacts | null): boolean {
  if (!child.python) return false;
  const stack = child.main ?? child.stacks[0];
  const forked = (frames: readonly Frame[]) => sinceFork(frames).length < frames.length;
  // The main process may be gone by then; a forked child of multiprocessing shows its parent's frames.
  return main === null || child.command === main.command || (stack !== undefined && forked(stack.python));
}

/** Python is done with the program's code, and what is left is to write its buffer out. */
function flushes(main: Stack): boolean {
  if (hasNative(main, /^(?:flush_std_files|flush_io)/u)) return true;
  const writes = hasNative(
    main,
    /^(?:_?io_?|buffered_?|_bufferedwriter|textiowrapper_?)\w*(?:flush|write)/iu,
  );
  return main.python.length === 0 && writes && hasNative(main, /^(?:Py_RunMain|Py_FinalizeEx|Py_Finalize)$/u);
}

export const run: readonly Cause[] = [
  {
    slug: 'stdout-flush',
    phases: ['run', 'finalization'],
    about:
      "The interpreter writes out what is left in stdout's buffer, and cannot: the pipe is full and its reader doesn't read, or a daemon thread was frozen while it held the buffer's lock.",
    matches: ({ main }) => main !== null && flushes(main),
    summary: () =>
      'The program has ended, but its last output cannot be written: the reader of its stdout does not read, or another thread has the lock of the buffer',
    remedy:
      'Have something read the pipe to its end, or let daemon threads stop writing before the end: join them, or log through a queue.',
    programs: ['run_stdout_pipe_full', 'stdout_pipe_full', 'run_stdout_lock'],
  },
  {
    slug: 'asyncio-swallow',
    phases: ['run'],
    about:
      '`asyncio.run` cancels all tasks at its end and waits for them. A task that catches CancelledError and goes on is never done.',
    matches: ({ main }) => main !== null && has(main, '_cancel_all_tasks', /\/asyncio\/runners\.py$/u),
    summary: () => 'asyncio.run() has cancelled all tasks and waits for one that swallows its CancelledError',
    remedy:
      'Raise it on:\n    except asyncio.CancelledError:\n        ...      # clean up, without waiting for long\n        raise\nA bare `except:` or `except BaseException:` in a loop swallows it too.',
    programs: [],
  },
  {
    slug: 'fork-lock',
    phases: ['run', 'descendants'],
    about:
      'A process forked while another of its threads held a lock. In the child that thread is gone, the lock is still taken, and whoever wants it waits for ever.',
    matches: (situation) => forkedWaiter(situation) !== null,
    summary: ({ guilty }, situation) => {
      const child = forkedWaiter(situation);
      return `Child process ${child?.pid ?? ''} waits for a lock that some thread held when it was forked; ${guilty} is where it stands`;
    },
    remedy:
      "Don't fork with threads: `multiprocessing.set_start_method('spawn')` or 'forkserver'; with os.fork, fork before the threads start, or make the lock new in the child by `os.register_at_fork(after_in_child=...)`.",
    programs: ['fork_lock_waited'],
  },
  {
    slug: 'excepthook-blocks',
    phases: ['run'],
    about:
      'The program ended by an exception, and the `sys.excepthook` that reports it waits. CPython calls it before teardown begins.',
    matches: calledAsHook,
    summary: ({ guilty }) =>
      `The program has ended by an exception, and its sys.excepthook waits in ${guilty}`,
    remedy: 'Never wait in a hook: write the report with a timeout, or hand it to something else and return.',
    programs: ['run_excepthook_blocks'],
  },
];

import type { Frame, Phase } from '../report/model.ts';
import { filesPhase } from './packagerFrames.ts';
import { pySpyPhase } from './pySpyPhase.ts';

const ROOTS = /^(?:_start|main|__libc_start_main.*|__libc_start_call_main|wmain)$/;
/** Where gdb, which shows no Python frames, enters Python code. */
const EVAL = /^_?PyEval_EvalFrame/;
const THREADING = /^wait_for_thread_shutdown$/;
const ATEXIT = /^(?:atexit_callfuncs|call_py_exitfuncs|_PyAtExit_Call|atexit_run_exitfuncs)$/;
const FINALIZE = /^(?:finalize_(?!garbage).*|flush_std_files|_?PyImport_Cleanup)$/;
const END = /^(?:Py_FinalizeEx|_Py_Finalize)$/;
/** A function of a stripped interpreter, as distributions ship it. */
const NAMELESS = /^\?+$/;
const NATIVE_EXIT = /^(?:__run_exit_handlers|exit|_dl_fini|__GI_exit|__GI__exit)$/;
const RUN = /^(?:pymain_run.*|_?PyRun.*|flush_io)$/;
const STARTUP = /^(?:pymain_init|_?Py_Initialize.*|init_interp.*|init_import_site)$/;

/** A stripped executable, as PyInstaller's, has no name for its `_start`: what that calls has one. */
function reachesRoot([root, next]: readonly string[]): boolean {
  const named = root !== undefined && NAMELESS.test(root) ? next : root;
  return named !== undefined && ROOTS.test(named);
}

/** `collect.constprop.0`, `exit@@GLIBC_2.2.5`: what the compiler and the linker add says nothing here. */
function plainName(name: string): string {
  return name.replace(/@.*$/, '').replace(/\.(?:constprop|part|isra|cold|lto_priv|localalias)\b.*$/, '');
}

/**
 * Tells the phase from the main thread's frames (innermost first), as pystack's `--native-all` or gdb give them: by what
 * stands between the process's root and the first Python frame. Frames that don't reach the root tell nothing.
 */
export function nativePhase(frames: readonly Frame[], packagerFiles: readonly string[]): Phase | 'unknown' {
  const fromRoot = [...frames].reverse();
  const enters = fromRoot.findIndex((frame) => frame.native !== true || EVAL.test(frame.function));
  const native = fromRoot
    .slice(0, enters === -1 ? undefined : enters)
    .map((frame) => plainName(frame.function));
  // The end of a subinterpreter looks like the end of the process from here on.
  const subinterpreter = native.indexOf('Py_EndInterpreter');
  const names = subinterpreter === -1 ? native : native.slice(0, subinterpreter);
  const any = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));

  if (!reachesRoot(names)) return 'unknown';
  if (any(THREADING)) return 'threading-shutdown';
  if (any(ATEXIT)) return 'atexit';
  if (any(FINALIZE)) return 'finalization';
  const python = frames.filter((frame) => frame.native !== true);
  const end = names.findLastIndex((name) => END.test(name));
  if (end !== -1) {
    return NAMELESS.test(names[end + 1] ?? '') ? pySpyPhase(python, packagerFiles) : 'finalization';
  }
  if (any(NATIVE_EXIT)) return 'native-exit';
  if (any(STARTUP)) return 'startup';
  if (any(RUN)) return filesPhase(frames, packagerFiles) ?? 'run';
  return any(NAMELESS) ? pySpyPhase(python, packagerFiles) : 'unknown';
}

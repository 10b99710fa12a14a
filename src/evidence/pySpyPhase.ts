import type { Frame, Phase } from '../report/model.ts';
import { isOwnFrame } from './ownFrames.ts';
import { filesPhase } from './packagerFrames.ts';

/** Exit handlers of the standard library, by the end of their file's path. */
const EXIT_HANDLERS: readonly (readonly [string, string])[] = [
  ['_exit_function', 'multiprocessing/util.py'],
  ['shutdown', 'logging/__init__.py'],
  ['_exitfunc', 'weakref.py'],
  ['_python_exit', 'concurrent/futures/thread.py'],
  ['_python_exit', 'concurrent/futures/process.py'],
];
const PROGRAM_ROOTS = new Set(['<module>', '_run_module_as_main', '_bootstrap']);

function isFrame(frame: Frame | undefined, name: string, file: string): boolean {
  return frame?.function === name && (frame.file ?? '').endsWith(file);
}

/**
 * Tells the phase from the main thread's Python frames alone (innermost first), by the oldest one. A user's function at
 * the root is teardown, but of which kind can't be seen: unknown.
 */
export function pySpyPhase(frames: readonly Frame[], packagerFiles: readonly string[]): Phase | 'unknown' {
  const root = frames.findLast((frame) => !isOwnFrame(frame));
  if (root === undefined) return 'unknown';
  if (isFrame(root, '_shutdown', 'threading.py')) return 'threading-shutdown';
  if (EXIT_HANDLERS.some(([name, file]) => isFrame(root, name, file))) return 'atexit';
  if (root.function === '__del__') return 'finalization';
  if (PROGRAM_ROOTS.has(root.function)) return filesPhase(frames, packagerFiles) ?? 'run';
  return 'unknown';
}

import { foreignFrame } from '../guilty.ts';
import { hasNative } from '../waiting.ts';
import type { Cause, Situation } from './cause.ts';

const PHASE = ['native-exit'] as const;

function libraryAtExit({ main }: Situation, inside: boolean): boolean {
  if (main === null || main.python.length > 0 || foreignFrame(main.mixed) === null) return false;
  const unloading = hasNative(main, /^(?:_dl_fini|_dl_call_fini|__do_global_dtors_aux|__cxa_finalize)$/u);
  return inside ? unloading : !unloading && hasNative(main, /^(?:__run_exit_handlers|exit)$/u);
}

const remedy =
  "Use the library's own close or shutdown before the end, so that its threads have ended when the process unloads it.";

export const native: readonly Cause[] = [
  {
    slug: 'native-dtor',
    phases: PHASE,
    about:
      'The interpreter is gone, and a destructor of a shared library waits while the process unloads it, mostly for a thread of its own.',
    matches: (situation) => libraryAtExit(situation, true),
    summary: ({ guilty }) =>
      `Python has ended, but a destructor of a native library does not return: ${guilty}`,
    remedy,
    programs: ['native_dtor_join', 'native_dtor_sleep'],
  },
  {
    slug: 'native-atexit',
    phases: PHASE,
    about: 'The interpreter is gone, and a function that a library registered with the C `atexit` waits.',
    matches: (situation) => libraryAtExit(situation, false),
    summary: ({ guilty }) =>
      `Python has ended, but an exit handler of a native library does not return: ${guilty}`,
    remedy,
    programs: [],
  },
];

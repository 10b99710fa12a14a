import type { Phase } from '../../report/model.ts';

/** What helps against a stall of which only the phase and the place are known; to paste, or to look at next. */
export const REMEDY_OF_PHASE: Readonly<Record<Phase, string>> = {
  startup:
    "It has not come to its own code. If it only boots slowly there, a longer `startup-timeout` helps; else the stacks show what the packager's boot waits for.",
  run: 'If it needs longer, set a longer `run-timeout`. If it should end by itself, give what it waits for a timeout. A server never ends by itself: let the smoke start what does, such as `--help` or a check of its configuration.',
  'threading-shutdown':
    'Python waits for what was left at work: tell each thread to stop and join it, before the end of the program.',
  atexit: 'Give what the exit handler waits for a timeout, or do it before the end of the program.',
  finalization:
    'Close what waits there before the end of the program, by `close()` or `with`: what Python does while it takes modules down can wait for nothing that is gone by then.',
  'native-exit':
    'A native library waits while the process ends: call its own `close()` or `shutdown()` before that, or take a newer version of it.',
  descendants: 'End what the program has started, and wait for it, before the program ends.',
};

import type { Frame, Phase } from '../report/model.ts';
/**
 * Tells the phase from the main thread's frames (innermost first), as pystack's `--native-all` or gdb give them: by what
 * stands between the process's root and the first Python frame. Frames that don't reach the root tell nothing.
 */
export declare function nativePhase(frames: readonly Frame[], packagerFiles: readonly string[]): Phase | 'unknown';

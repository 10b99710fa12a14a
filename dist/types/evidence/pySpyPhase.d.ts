import type { Frame, Phase } from '../report/model.ts';
/**
 * Tells the phase from the main thread's Python frames alone (innermost first), by the oldest one. A user's function at
 * the root is teardown, but of which kind can't be seen: unknown.
 */
export declare function pySpyPhase(frames: readonly Frame[], packagerFiles: readonly string[]): Phase | 'unknown';

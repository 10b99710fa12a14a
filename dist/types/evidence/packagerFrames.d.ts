import type { Frame } from '../report/model.ts';
/**
 * Startup lasts while every Python frame is the packager's own, or the standard library's on its behalf. Null where no
 * Python frame is there to tell.
 */
export declare function filesPhase(frames: readonly Frame[], packagerFiles: readonly string[]): 'startup' | 'run' | null;

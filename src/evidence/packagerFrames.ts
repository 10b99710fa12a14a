import type { Frame } from '../report/model.ts';

const STANDARD_LIBRARY =
  /^<frozen .*>$|[\\/]lib(?:64)?[\\/]python3\.\d+t?[\\/](?!(?:site|dist)-packages[\\/])|[\\/]python3\d+\.zip[\\/]/;

/**
 * Startup lasts while every Python frame is the packager's own, or the standard library's on its behalf. Null where no
 * Python frame is there to tell.
 */
export function filesPhase(
  frames: readonly Frame[],
  packagerFiles: readonly string[],
): 'startup' | 'run' | null {
  const files = frames.flatMap((frame) => (frame.native === true || frame.file === null ? [] : [frame.file]));
  if (files.length === 0) return null;
  if (packagerFiles.length === 0) return 'run';
  const isPackagers = (file: string): boolean => packagerFiles.some((prefix) => file.startsWith(prefix));
  return files.every((file) => isPackagers(file) || STANDARD_LIBRARY.test(file)) ? 'startup' : 'run';
}

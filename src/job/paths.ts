import { isAbsolute, relative } from 'node:path';

/** Relative to `cwd` for what lies below it, else absolute: as a person there would write it. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below;
}

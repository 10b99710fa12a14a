import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The first executable of that name; relative entries of PATH are no place to start tools from. */
export function findOnPath(name: string, path: string | undefined): string | null {
  for (const folder of (path ?? '').split(delimiter).filter((entry) => isAbsolute(entry))) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return null;
}

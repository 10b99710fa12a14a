import { type Stats, statSync } from 'node:fs';

/**
 * What lies at a path, links followed; null where nothing does. Node 20 throws where a file stands in the place of a
 * folder (`app.pyz/main.py`), whatever `throwIfNoEntry` says.
 *
 * @throws what else the system says, such as EACCES.
 */
export function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

import { resolve } from 'node:path';
import { sha256File } from '../digest.ts';
import { statsOf } from '../stats.ts';
import { sourcesDigest } from './sourcesDigest.ts';

/**
 * What is in the files and folders that a builder's arguments name (`--add-data data:data`, `--icon=app.ico`): one sha256
 * each, for the key. `folder` is where relative paths begin; null: they name nothing.
 */
export async function argumentFiles(
  args: readonly string[],
  folder: string | null,
): Promise<readonly string[]> {
  const words = args.flatMap((arg) => {
    const value = arg.startsWith('-') ? arg.replace(/^[^=]*=?/s, '') : arg;
    // Source and destination stand apart by a colon; a path may have one too.
    return [value, value.replace(/:[^:]*$/s, '')];
  });
  const found: string[] = [];
  for (const word of new Set(words)) {
    if (word === '' || (folder === null && !word.startsWith('/'))) continue;
    const path = resolve(folder ?? '/', word);
    const stats = statsOf(path);
    if (stats?.isFile() === true) found.push(await sha256File(path));
    else if (stats?.isDirectory() === true) found.push(await sourcesDigest(path));
  }
  return found;
}

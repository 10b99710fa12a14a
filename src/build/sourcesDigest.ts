import { createHash } from 'node:crypto';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256File } from './wheelFile.ts';

/** Over path, executable bit and content of every file, in a fixed order. `except` are names in the folder itself. */
export async function sourcesDigest(folder: string, except: readonly string[] = []): Promise<string> {
  const lines: string[] = [];
  for (const name of await readdir(folder)) {
    if (!except.includes(name)) await add(folder, join(folder, name), lines);
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

async function add(root: string, path: string, lines: string[]): Promise<void> {
  const info = await lstat(path);
  const inside = relative(root, path);
  if (info.isDirectory()) {
    for (const name of await readdir(path)) await add(root, join(path, name), lines);
  } else if (info.isSymbolicLink()) lines.push(`${inside}\0link\0${await readlink(path)}`);
  else lines.push(`${inside}\0${(info.mode & 0o111) !== 0 ? 'x' : '-'}\0${await sha256File(path)}`);
}

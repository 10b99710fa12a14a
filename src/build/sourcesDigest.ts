import { createHash } from 'node:crypto';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256File } from './wheelFile.ts';

/** Over path, executable bit and content of every file, in a fixed order. */
export async function sourcesDigest(folder: string): Promise<string> {
  const lines: string[] = [];
  await walk(folder, folder, lines);
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

async function walk(root: string, folder: string, lines: string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = await lstat(path);
    const inside = relative(root, path);
    if (info.isDirectory()) await walk(root, path, lines);
    else if (info.isSymbolicLink()) lines.push(`${inside}\0link\0${await readlink(path)}`);
    else lines.push(`${inside}\0${(info.mode & 0o111) !== 0 ? 'x' : '-'}\0${await sha256File(path)}`);
  }
}

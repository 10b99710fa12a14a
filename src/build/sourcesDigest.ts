import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256File, sha256Of } from '../digest.ts';

/** Bytes. A larger file is not held in memory. */
const LARGE = 1 << 24;
const BREATH = 64;

/** Over path, executable bit and content of every file, in a fixed order. `except` are names in the folder itself. */
export async function sourcesDigest(folder: string, except: readonly string[] = []): Promise<string> {
  const lines: string[] = [];
  for (const name of readdirSync(folder)) {
    if (!except.includes(name)) await add(folder, join(folder, name), lines);
  }
  return sha256Of(lines.sort().join('\n'));
}

/** Synchronous for what is small: a trip through the thread pool costs more than the file. */
async function add(root: string, path: string, lines: string[]): Promise<void> {
  const info = lstatSync(path);
  const inside = relative(root, path);
  if (info.isDirectory()) {
    for (const name of readdirSync(path)) await add(root, join(path, name), lines);
    return;
  }
  if (info.isSymbolicLink()) {
    lines.push(`${inside}\0link\0${readlinkSync(path)}`);
    return;
  }
  const digest = info.size < LARGE ? sha256Of(readFileSync(path)) : await sha256File(path);
  const count = lines.push(`${inside}\0${(info.mode & 0o111) !== 0 ? 'x' : '-'}\0${digest}`);
  // Signals and other work have their turn.
  if (count % BREATH === 0) await setImmediate();
}

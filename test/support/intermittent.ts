import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './watching.ts';

/** Writes the program that stalls now and then, so that it can be run as it is; `CHANCE` says how often. */
export function intermittent(folder: string, python: string): string {
  const path = join(folder, 'intermittent');
  writeFileSync(path, `#!${python}\n${readFileSync(program('intermittent.py'), 'utf8')}`);
  chmodSync(path, 0o755);
  return path;
}

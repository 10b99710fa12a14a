import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Python {
  /** `3.12` */
  readonly version: string;
  readonly path: string;
}

/** What exitproof promises to watch; 3.14 is looked for too, so that a machine that has it tries it. */
const WANTED = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14'];

let found: readonly Python[] | undefined;

/** The CPythons of this machine, oldest first, one for each X.Y. */
export function pythons(): readonly Python[] {
  found ??= WANTED.flatMap((version) => {
    const path = fromPyenv(version) ?? fromPath(version);
    return path === null ? [] : [{ version, path }];
  });
  return found;
}

/** Absolute path of CPython `version` (X.Y), or null where this machine has none. */
export function python(version: string): string | null {
  return pythons().find((one) => one.version === version)?.path ?? null;
}

/** Any supported CPython: the newest that everything in the tests can be installed for. */
export function anyPython(): string | null {
  return python('3.12') ?? python('3.11') ?? pythons().at(-1)?.path ?? null;
}

function fromPyenv(version: string): string | null {
  const roots = [process.env['PYENV_ROOT'], join(homedir(), '.pyenv')];
  for (const root of roots) {
    if (root === undefined) continue;
    const folder = join(root, 'versions');
    const newest = entries(folder)
      .filter((name) => /^\d+\.\d+\.\d+$/.test(name) && name.startsWith(`${version}.`))
      .sort((a, b) => patch(b) - patch(a))
      .map((name) => join(folder, name, 'bin', 'python'))
      .find(isExecutable);
    if (newest !== undefined) return newest;
  }
  return null;
}

function fromPath(version: string): string | null {
  const name = `python${version}`;
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.filter(isExecutable).find((path) => isReally(path, version)) ?? null;
}

/** A pyenv shim is there for every version that any pyenv version has, and exits 127. */
function isReally(path: string, version: string): boolean {
  const program = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const answer = spawnSync(path, ['-I', '-c', program], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout.trim() === version;
}

function patch(version: string): number {
  return Number(version.slice(version.lastIndexOf('.') + 1));
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function onPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)));
}

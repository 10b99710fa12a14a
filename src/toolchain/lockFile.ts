import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { satisfies } from '@renovatebot/pep440';
import { asset } from '../assets.ts';

export interface LockedTool {
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly string[];
  /** The specifier of its `python_full_version` marker; null for every Python. */
  readonly python: string | null;
}

export type LockName = 'pip' | 'pex' | 'shiv' | 'pyinstaller' | 'evidence' | 'uv';

export function lockPath(name: LockName): string {
  return asset('locks', `${name}.txt`);
}

/** Names a folder after what is in it, so that another lock never finds the old tools. */
export function lockDigest(name: LockName): string {
  return createHash('sha256')
    .update(readFileSync(lockPath(name)))
    .digest('hex')
    .slice(0, 12);
}

export function lockedTools(text: string): LockedTool[] {
  const entries = text.replaceAll('\\\n', ' ').split('\n');
  return entries.flatMap((entry) => {
    const head = /^([A-Za-z0-9._-]+)==([^\s;]+)\s*(?:;\s*python_full_version\s*([<>=!~]+)\s*'([^']+)')?/.exec(
      entry,
    );
    const [, name, version, operator, operand] = head ?? [];
    if (name === undefined || version === undefined) return [];
    const hashes = [...entry.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].flatMap((match) => match[1] ?? []);
    const python = operator === undefined || operand === undefined ? null : `${operator}${operand}`;
    return [{ name, version, hashes, python }];
  });
}

/** What the lock gives the Python of `version`; null: any. */
export function lockedFor(lock: LockName, version: string | null): readonly LockedTool[] {
  return lockedTools(readFileSync(lockPath(lock), 'utf8')).filter(
    ({ python }) => version === null || python === null || satisfies(version, python, { prereleases: true }),
  );
}

/** The version of `tool` that the lock gives the Python of `version`; undefined without a Python's version: any. */
export function lockedTool(lock: LockName, tool: string, version: string | null): LockedTool {
  const found = lockedFor(lock, version).find(({ name }) => name === tool);
  if (found === undefined) throw new Error(`locks/${lock}.txt has no ${tool} for Python ${version}`);
  return found;
}

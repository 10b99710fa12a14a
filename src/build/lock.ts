import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { problem } from '../problem.ts';
import type { Lock } from './model.ts';
import { readToml } from './pyproject.ts';
import { bareAmongHashed, isHashed, isRequirementLine, requirementLines } from './requirements.ts';

/** Locks of tools that exitproof doesn't read, and how each tool writes one that it does. */
const FOREIGN: Readonly<Record<string, string>> = {
  'poetry.lock': 'poetry export --output requirements.txt',
  'Pipfile.lock': 'pipenv requirements --hash > requirements.txt',
  'pdm.lock': 'pdm export --format requirements --output requirements.txt',
};

/**
 * Where the dependencies come from: the `requirements` setting, else uv.lock, pylock.toml, requirements.txt.
 * Throws a settings problem for a lock that isn't one, and where only another tool's lock is there.
 */
export function findLock(project: string | null, setting: string | null): Lock {
  if (setting !== null) {
    const path = resolve(project ?? '.', setting);
    if (!existsSync(path) || !statSync(path).isFile()) {
      throw problem('settings', `requirements: there is no file ${setting}.`);
    }
    return readLock(path);
  }
  if (project === null) return { kind: 'unlocked' };
  const uv = uvLockOf(project);
  if (uv !== null) return readLock(uv);
  for (const name of ['pylock.toml', 'requirements.txt']) {
    const path = join(project, name);
    if (existsSync(path)) return readLock(path);
  }
  for (const [name, command] of Object.entries(FOREIGN)) {
    if (existsSync(join(project, name))) throw foreign(name, command);
  }
  return { kind: 'unlocked' };
}

function readLock(path: string): Lock {
  const name = basename(path);
  const command = FOREIGN[name];
  if (command !== undefined) throw foreign(name, command);
  if (name === 'uv.lock') {
    const table = readLockToml(path);
    if (typeof table['version'] !== 'number' || !Array.isArray(table['package'])) throw notALock(path);
    return { kind: 'uv', path };
  }
  if (/^pylock(\.[^.]+)?\.toml$/.test(name)) {
    const table = readLockToml(path);
    if (typeof table['lock-version'] !== 'string' || !Array.isArray(table['packages'])) throw notALock(path);
    return { kind: 'pylock', path };
  }
  const text = readFileSync(path, 'utf8');
  for (const { line, text: requirement } of requirementLines(text)) {
    if (!isRequirementLine(requirement)) {
      throw problem('settings', `${name}, line ${line}, is not a requirement: ${requirement.slice(0, 80)}`, {
        hint: 'exitproof reads uv.lock, pylock.toml and requirements files.',
      });
    }
  }
  const bare = isHashed(text) ? undefined : bareAmongHashed(text);
  if (bare !== undefined) {
    throw problem(
      'settings',
      `${name}, line ${bare.line}: ${bare.text.slice(0, 80)} has no hash, while other lines have one.`,
      { hint: 'Lock again with hashes for all of them; pip takes all or none.' },
    );
  }
  return { kind: isHashed(text) ? 'hashed' : 'requirements', path };
}

function readLockToml(path: string): Readonly<Record<string, unknown>> {
  try {
    return readToml(path);
  } catch (error) {
    throw notALock(path, error instanceof Error ? error.message : '');
  }
}

function notALock(path: string, reason = 'its version or its packages are missing'): Error {
  return problem('settings', `${basename(path)} is not a lock: ${reason.replace(`${path} is`, 'it is')}`);
}

function foreign(name: string, command: string): Error {
  return problem('settings', `${name} is not a lock that exitproof reads.`, {
    hint: `Export it with \`${command}\`, or point \`requirements\` at another lock.`,
  });
}

/** A workspace member's lock lies at the workspace's root. */
function uvLockOf(project: string): string | null {
  const own = join(project, 'uv.lock');
  if (existsSync(own)) return own;
  for (let folder = dirname(resolve(project)); folder !== dirname(folder); folder = dirname(folder)) {
    const lock = join(folder, 'uv.lock');
    const manifest = join(folder, 'pyproject.toml');
    if (existsSync(lock) && existsSync(manifest)) {
      return /^\[tool\.uv\.workspace\]/m.test(readFileSync(manifest, 'utf8')) ? lock : null;
    }
    if (existsSync(join(folder, '.git'))) return null;
  }
  return null;
}

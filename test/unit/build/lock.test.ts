import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findLock } from '../../../src/build/lock.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const UV = 'version = 1\n[[package]]\nname = "six"\n';
const PYLOCK = 'lock-version = "1.0"\n[[packages]]\nname = "six"\nversion = "1"\n';
const HASHED = `six==1 \\\n  --hash=sha256:${'0'.repeat(64)}\n`;

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('findLock', () => {
  test('uv.lock, then pylock.toml, then requirements.txt, then none', () => {
    const files = { 'uv.lock': UV, 'pylock.toml': PYLOCK, 'requirements.txt': HASHED };
    expect(findLock(project(files), null).kind).toBe('uv');
    expect(findLock(project({ ...files, 'uv.lock': UV }), 'requirements.txt').kind).toBe('hashed');
    expect(findLock(project({ 'pylock.toml': PYLOCK, 'requirements.txt': HASHED }), null).kind).toBe(
      'pylock',
    );
    expect(findLock(project({ 'requirements.txt': 'six\n' }), null).kind).toBe('requirements');
    expect(findLock(project({}), null).kind).toBe('unlocked');
  });

  test('a workspace member finds the lock of its workspace, another project does not', () => {
    const root = project({
      'uv.lock': UV,
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
      'packages/a/pyproject.toml': '',
    });
    expect(findLock(join(root, 'packages', 'a'), null)).toEqual({ kind: 'uv', path: join(root, 'uv.lock') });
    const other = project({ 'uv.lock': UV, 'pyproject.toml': '', 'sub/pyproject.toml': '' });
    expect(findLock(join(other, 'sub'), null).kind).toBe('unlocked');
  });

  test.each([
    ['poetry.lock', 'poetry export'],
    ['Pipfile.lock', 'pipenv requirements'],
    ['pdm.lock', 'pdm export'],
  ])('%s alone is a settings problem with the export command', (name, command) => {
    expect(() => findLock(project({ [name]: '' }), null)).toThrow(
      expect.objectContaining({ kind: 'settings', hint: expect.stringContaining(command) }),
    );
    expect(findLock(project({ [name]: '', 'requirements.txt': 'six\n' }), null).kind).toBe('requirements');
  });

  test.each([
    ['uv.lock', 'this is no lock', /uv\.lock is not a lock/],
    ['uv.lock', 'version = 1', /uv\.lock is not a lock/],
    ['pylock.toml', '[project]\nname = "x"', /pylock\.toml is not a lock/],
    ['requirements.txt', 'six\n<html>\n', /requirements\.txt, line 2, is not a requirement/],
    ['requirements.txt', 'these are words\n', /line 1, is not a requirement/],
  ])('a lock that is not one is a settings problem: %s, %o', (name, text, message) => {
    expect(() => findLock(project({ [name]: text }), null)).toThrow(
      expect.objectContaining({ kind: 'settings', message: expect.stringMatching(message) }),
    );
  });

  test('a file that is not there', () => {
    expect(() => findLock(project({}), 'nope.txt')).toThrow(/there is no file nope\.txt/);
  });
});

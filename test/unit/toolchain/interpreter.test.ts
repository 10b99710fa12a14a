import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findInterpreter,
  fitsRequirement,
  matches,
  parsePythonVersion,
} from '../../../src/toolchain/interpreter.ts';
import { anyPython, python, pythons } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';

function script(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const nothing = { python: null, project: null, requiresPython: null, path: '', env: {} };

describe('findInterpreter', () => {
  test('skips a shim that exits with 127 and takes the next on PATH', async (context) => {
    const real = need(context, 'a Python', anyPython());
    const root = temporaryFolder();
    script(join(root, 'shims'), 'python3', 'exit 127');
    mkdirSync(join(root, 'bin'));
    // Executed by a script, as a link of another name could change what it finds of itself.
    script(join(root, 'bin'), 'python3', `exec '${real}' "$@"`);
    const found = await findInterpreter({ ...nothing, path: `${join(root, 'shims')}:${join(root, 'bin')}` });
    expect(found.from).toBe('PATH');
    expect(found.path).not.toContain(root);
  });

  test('takes the first on PATH that fits requires-python', async (context) => {
    const older = need(context, 'Python 3.9', python('3.9'));
    const newer = need(context, 'Python 3.12', python('3.12'));
    const root = temporaryFolder();
    for (const [name, path] of [
      ['a', older],
      ['b', newer],
    ] as const) {
      mkdirSync(join(root, name));
      symlinkSync(path, join(root, name, 'python3'));
    }
    const path = `${join(root, 'a')}:${join(root, 'b')}`;
    expect((await findInterpreter({ ...nothing, path })).version).toMatch(/^3\.9\./);
    expect((await findInterpreter({ ...nothing, path, requiresPython: '>=3.10' })).version).toMatch(
      /^3\.12\./,
    );
    await expect(findInterpreter({ ...nothing, path, requiresPython: '>=3.99' })).rejects.toMatchObject({
      kind: 'settings',
      message: expect.stringContaining('>=3.99'),
    });
  });

  test('.python-version comes before PATH, and is looked for up to the root of the repository', async (context) => {
    const wanted = need(context, 'Python 3.9', python('3.9'));
    const other = need(context, 'Python 3.12', python('3.12'));
    const root = temporaryFolder();
    mkdirSync(join(root, 'bin'));
    symlinkSync(other, join(root, 'bin', 'python3'));
    symlinkSync(wanted, join(root, 'bin', 'python3.9'));
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'app'));
    writeFileSync(join(root, '.python-version'), '3.9\n');
    const found = await findInterpreter({ ...nothing, project: join(root, 'app'), path: join(root, 'bin') });
    expect(found).toMatchObject({ from: '.python-version', version: expect.stringMatching(/^3\.9\./) });
  });

  test('an installed X.Y that is not on PATH is found where pyenv or setup-python put it', async (context) => {
    const real = need(context, 'a Python', pythons()[0] ?? null);
    const root = temporaryFolder();
    const bin = join(root, 'Python', `${real.version}.0`, 'x64', 'bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(real.path, join(bin, 'python'));
    const request = { ...nothing, python: real.version, env: { RUNNER_TOOL_CACHE: root } };
    expect((await findInterpreter(request)).version).toMatch(new RegExp(`^${real.version}\\.`));
  });

  test.each([
    [{ ...nothing }, /No Python 3\.8 or newer was found/],
    [{ ...nothing, python: '3.98' }, /Python 3\.98, asked for by the python setting, was not found/],
    [{ ...nothing, python: 'threepointten' }, /takes a version X\.Y or a path/],
    [{ ...nothing, python: './no/such/python' }, /there is no/],
    [{ ...nothing, python: '/bin/sh' }, /not a Python that runs/],
  ])('a Python that cannot be had is a settings problem: %o', async (request, message) => {
    await expect(findInterpreter(request)).rejects.toMatchObject({
      kind: 'settings',
      message: expect.stringMatching(message),
    });
  });

  test('one that is too old is named with its version', async () => {
    const root = temporaryFolder();
    const answer =
      '{"path": "/opt/old/python", "version": "3.7.1", "implementation": "CPython", "soabi": "", "platform": ""}';
    const path = script(root, 'python', `echo '${answer}'`);
    await expect(findInterpreter({ ...nothing, python: path })).rejects.toMatchObject({
      message: expect.stringContaining('3.7.1'),
    });
  });
});

test('3.1 is not 3.12', () => {
  expect(matches('3.12.1', '3.1')).toBe(false);
  expect(matches('3.12.1', '3.12')).toBe(true);
  expect(matches('3.12.1', '3.12.1')).toBe(true);
});

test('.python-version names versions in several ways, or an environment that says nothing', () => {
  expect(parsePythonVersion('3.12.1\n')).toBe('3.12.1');
  expect(parsePythonVersion('# pinned\ncpython-3.11\n')).toBe('3.11');
  expect(parsePythonVersion('my-virtualenv\n')).toBeNull();
});

test('requires-python is read as PEP 440 says; one that cannot be read is left to pip', () => {
  expect(fitsRequirement('3.12.1', '>=3.9,<4')).toBe(true);
  expect(fitsRequirement('3.8.18', '>=3.9')).toBe(false);
  expect(fitsRequirement('3.12.1', '==3.12.*')).toBe(true);
  expect(fitsRequirement('3.12.1', 'rubbish')).toBe(true);
});

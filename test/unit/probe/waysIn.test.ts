import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPex } from '../../../src/evidence/pexFile.ts';
import { needsPythonPath } from '../../../src/evidence/waysIn.ts';
import { anyPython } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const folder = temporaryFolder('ways');

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const venvPython = file('venv/bin/python', '');
file('venv/pyvenv.cfg', '');
const plainPython = file('plain/bin/python3', '');
const tool = file('venv/bin/tool', `#!${venvPython}\n`);
const envTool = file('tool', '#!/usr/bin/env python3\n');
const pexScript = file('layout/pex', `#!${venvPython} -sE\n`);
file('layout/PEX-INFO', '{}');
const uv = file('bin/uv', '');
const shell = file('bin/sh', '');

function needs(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): boolean {
  return needsPythonPath({ argv, env: { PATH: join(folder, 'plain', 'bin'), ...env }, cwd: folder });
}

test('the interpreter or a console script of a plain venv needs it', () => {
  expect(needs([venvPython, 'main.py'])).toBe(true);
  expect(needs([tool, '--help'])).toBe(true);
  expect(needs(['venv/bin/tool'])).toBe(true);
});

test('an interpreter that reads the user site does not', () => {
  expect(needs([plainPython, 'main.py'])).toBe(false);
  expect(needs(['python3', '-c', 'pass'])).toBe(false);
  expect(needs([envTool])).toBe(false);
});

test('a PEX never gets it, whoever starts it', () => {
  expect(needs([pexScript])).toBe(false);
  expect(needs([venvPython, '-W', 'ignore', pexScript])).toBe(false);
  expect(needs([shell, pexScript], { VIRTUAL_ENV: '/x' })).toBe(false);
});

test('behind a shell or a launcher the venv that will be found counts', () => {
  expect(needs([shell, '-c', 'python main.py'])).toBe(false);
  expect(needs([shell, '-c', 'python main.py'], { VIRTUAL_ENV: join(folder, 'venv') })).toBe(true);
  expect(needs([shell, '-c', 'python main.py'], { PATH: join(folder, 'venv', 'bin') })).toBe(true);
  expect(needs([uv, 'run', 'main.py'])).toBe(true);
});

test('what does not exist needs nothing', () => {
  expect(needs(['no-such-command'])).toBe(false);
});

test.skipIf(anyPython() === null)('a zip is a PEX only by its PEX-INFO, however it begins', () => {
  const make = [
    'import sys, zipfile',
    'for name, member in (("a.pex", "PEX-INFO"), ("b.pyz", "__main__.py")):',
    '    with open(name, "wb") as out: out.write(b"#!/bin/sh\\n" + b"# boot\\n" * 9000)',
    '    with zipfile.ZipFile(name, "a") as zip: zip.writestr(member, "x" * 70000); zip.comment = b"c" * 900',
  ].join('\n');
  spawnSync(anyPython() ?? '', ['-c', make], { cwd: folder });
  expect(isPex(join(folder, 'a.pex'))).toBe(true);
  expect(isPex(join(folder, 'b.pyz'))).toBe(false);
  expect(isPex(envTool)).toBe(false);
  expect(isPex(join(folder, 'missing'))).toBe(false);
});

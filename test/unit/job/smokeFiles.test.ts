import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/tmp.ts';
import { cli } from '../cli/source.ts';

const IN_PYPROJECT = 'pyproject.toml: tool.exitproof.';

test.each([
  ['cwd = "data"', 'smoke[2].cwd: got “data”, takes a folder that exists'],
  ['stdin = "file:none.txt"', 'smoke[2].stdin: got “file:none.txt”, takes a file that can be read'],
  ['stdin = "file:folder"', 'smoke[2].stdin: got “file:folder”, takes a file that can be read'],
])('a smoke run with %s, which is not there, is refused before anything runs', async (line, sentence) => {
  const { code, stdout, stderr } = await check(`${GOOD}[[tool.exitproof.smoke]]\n${line}\n`);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `exitproof: ${IN_PYPROJECT}${sentence}\n`,
  });
});

test('a missing stdin of the whole is told once, as the setting of the whole', async () => {
  const { code, stderr } = await check('[tool.exitproof]\nstdin = "file:none.txt"\n');
  expect([code, stderr]).toEqual([
    2,
    `exitproof: ${IN_PYPROJECT}stdin: got “file:none.txt”, takes a file that can be read\n`,
  ]);
});

const GOOD = '[[tool.exitproof.smoke]]\ncwd = "folder"\nstdin = "file:in.txt"\n';

function check(toml: string) {
  const folder = temporaryFolder('smoke-files');
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'in.txt'), '');
  writeFileSync(join(folder, 'pyproject.toml'), toml);
  return cli(['check'], folder);
}

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { runCheck } from '../support/checking.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYPROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "picky"
version = "1"
dependencies = []
[project.scripts]
picky = "picky:main"
`;

/** Stalls in a zipapp alone, which has no site-packages. */
const PROGRAM = `
import threading

def main():
    if "/site-packages/" not in __file__:
        threading.Thread(target=threading.Event().wait).start()
    print("done")
`;

function project(): string {
  const root = temporaryFolder('use-venv');
  writeFileSync(join(root, 'pyproject.toml'), PYPROJECT);
  // Its folder in it: no earlier check has cached this program.
  writeFileSync(join(root, 'picky.py'), `# ${root}\n${PROGRAM}`);
  return root;
}

async function check(root: string, python: string, args: readonly string[]): Promise<Report> {
  const { code, output, report } = await runCheck(root, [
    ...['--smoke=', '--python', python, '--teardown-timeout', '2s', '--cache', 'on', ...args],
  ]);
  expect(code, output).toBe(0);
  return report;
}

test('a venv layout that is shipped in the place of a zipapp that stalls is kept for the next job', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const root = project();
  const instead = ['--layouts', 'zipapp', '--on-stall', 'use-venv'];

  const first = await check(root, python, instead);
  expect(first).toMatchObject({ verdict: 'passed', layout: 'venv', cache: { result: 'miss', saved: true } });
  expect(first.warnings).toEqual([
    expect.stringMatching(/^the zipapp stalls in 1 of 1 run, the venv, which/),
  ]);
  expect(first.summary).toMatch(/^The venv layout passed; zipapp stalled in 1 of 1 run, venv in 0 of 1: /);
  expect(first.runs).toMatchObject([{ layout: 'zipapp', counts: false }, { layout: 'venv' }]);

  const again = await check(root, python, instead);
  expect(again).toMatchObject({ verdict: 'passed', layout: 'venv', cache: { result: 'hit' } });
  expect(again.cache?.key).toBe(first.cache?.key);
  expect(again.runs.map(({ layout, verdict }) => [layout, verdict])).toEqual([
    ['zipapp', 'stalled'],
    ['venv', 'passed'],
  ]);

  const key = again.cache?.key ?? '';
  const restored = await runCli(['restore', '--key', key, '--path', 'there', '--python', python], {
    cwd: root,
    env: testEnvironment(),
  });
  expect(restored.code, restored.stderr).toBe(0);
  expect(existsSync(join(root, 'there', 'bin', 'picky'))).toBe(true);
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { annotations } from '../../src/report/annotation.ts';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { fakeRunner } from '../support/fakeRunner.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The build puts two lines before the first of `stamped.py`: what is packaged is not what is checked out. */
const SETUP = `
from setuptools import setup
from setuptools.command.build_py import build_py

class Stamped(build_py):
    def run(self):
        super().run()
        path = self.build_lib + "/tool/stamped.py"
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write("BUILT = True\\n\\n" + text)

setup(cmdclass={"build_py": Stamped})
`;

const PYPROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "tool"
version = "1"
dependencies = []
[project.scripts]
tool = "tool:main"
[tool.setuptools]
packages = ["tool"]
[tool.exitproof]
smoke = ["plain", "stamped"]
teardown-timeout = "1500ms"
`;

const MAIN = `
import sys
import threading

from tool import plain, stamped

def main():
    threading.Thread(target={"plain": plain, "stamped": stamped}[sys.argv[1]].wait).start()
`;

const WAITS = `
import threading

def wait():
    threading.Event().wait()  # here
`;

const LINE = 5;
const PROJECT = 'apps/tool';

/** Below the root of what is checked out, as in a repository of several projects. */
function checkOut(root: string): void {
  const files = {
    'setup.py': SETUP,
    'pyproject.toml': PYPROJECT,
    'tool/__init__.py': MAIN,
    'tool/plain.py': WAITS,
    'tool/stamped.py': WAITS,
  };
  mkdirSync(join(root, PROJECT, 'tool'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, PROJECT, name), text);
}

describe('a stall in a repository', () => {
  let report: Report | null = null;

  beforeAll(async () => {
    const python = anyPython();
    if (python === null) return;
    const root = temporaryFolder('annotation');
    checkOut(root);
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    execFileSync('git', ['add', '.'], { cwd: root });
    const file = join(root, 'report.json');
    const flags = ['--layouts', 'venv,zipapp', '--cache', 'off', '--python', python, '--report', file];
    const result = await runCli(['check', PROJECT, ...flags], { cwd: root, env: testEnvironment() });
    expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(1);
    report = parseReport(readFileSync(file, 'utf8'), file);
  });

  test.for([
    ['venv', 'plain'],
    ['venv', 'stamped'],
    ['zipapp', 'plain'],
    ['zipapp', 'stamped'],
  ] as const)('as a %s is annotated on the line of the checkout: %s', ([layout, module], context) => {
    const found = need(context, 'a Python', report);
    const run = found.runs.find((one) => one.layout === layout && one.name === module);
    const stamped = module === 'stamped';
    expect(run?.diagnosis?.guilty).toMatchObject({
      function: 'wait',
      line: stamped ? LINE + 2 : LINE,
      source: { path: `${PROJECT}/tool/${module}.py`, line: LINE, exact: !stamped },
    });
    const [annotation] = annotations({ ...found, runs: run === undefined ? [] : [run] });
    expect(annotation).toMatchObject({ file: `${PROJECT}/tool/${module}.py`, startLine: LINE });
    const said = expect.stringContaining('The packaged file differs from this one');
    expect(annotation?.message).toEqual(stamped ? said : expect.not.stringContaining('differs'));
  });
});

describe('a stall in a workspace without a repository, as images without git have it', () => {
  const runner = fakeRunner();
  afterAll(runner.remove);

  test('is annotated on the path from the workspace', async (context: TestContext) => {
    const python = need(context, 'a Python', anyPython());
    checkOut(runner.workspace);
    const inputs = { project: PROJECT, python, smoke: 'stamped', cache: 'off' };
    const step = await runner.step({ entry: 'src/action/main.ts', inputs });
    expect(step.exitCode, step.stdout + step.stderr).toBe(1);
    expect(step.commands.filter(({ name }) => name === 'error')).toMatchObject([
      { properties: { file: `${PROJECT}/tool/stamped.py`, line: String(LINE) } },
    ]);
  });
});

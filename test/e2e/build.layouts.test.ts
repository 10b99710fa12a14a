import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { runCheck } from '../support/checking.ts';
import { pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYPROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "told"
version = "1"
dependencies = []
[project.scripts]
told = "told:main"
`;

function project(): string {
  const root = temporaryFolder('layouts');
  writeFileSync(join(root, 'pyproject.toml'), PYPROJECT);
  // Its folder in it: no earlier check has cached this program.
  const ask =
    'import os, sys; print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))';
  writeFileSync(join(root, 'told.py'), `# ${root}\ndef main():\n    ${ask}\n`);
  return root;
}

async function check(
  root: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const { code, output, report } = await runCheck(root, ['--smoke=', '--cache', 'on', ...args], more);
  expect(code, output).toBe(0);
  return report;
}

test('a check without `smoke` says how little the help of a program proves', async () => {
  const { code, output, report } = await runCheck(project(), []);
  expect(code, output).toBe(0);
  expect(report.notices.join()).toContain('no `smoke` is set');
});

test("a venv layout that was checked beside a zipapp comes back with its own PEX, not the zipapp's", async () => {
  const root = project();
  const both = await check(root, ['--layouts', 'zipapp,venv']);
  expect(both).toMatchObject({ cache: { result: 'miss', saved: true }, build: { lock: 'no dependencies' } });
  expect(both.notices).toEqual([]);
  const venv = await check(root, ['--layouts', 'venv']);
  expect(venv.cache?.result).toBe('hit');
  expect(venv.build?.sha256).not.toBe(both.build?.sha256);
  const bytes = readFileSync(join(root, venv.build?.artifact ?? ''));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(venv.build?.sha256);
});

test.for(['venv', 'zipapp'])(
  'the report names the interpreter that ran, which need not be the one that was asked for: %s',
  async (layout, context) => {
    const found = need(context, 'a Python', pythons().at(-1) ?? null);
    const root = project();
    // Only `python` lies there: what looks for `python3.X` goes on along the PATH.
    const asked = join(temporaryFolder('asked'), 'python');
    symlinkSync(found.path, asked);
    const PATH = [dirname(realpathSync(found.path)), process.env['PATH']].join(':');
    const report = await check(root, ['--python', asked, '--layouts', layout], { PATH });
    const ran = report.runs[0]?.output.head.trim();
    expect(ran).not.toBe(asked);
    expect(report.build?.interpreter).toMatchObject({ path: ran, implementation: 'CPython' });
    expect(report.build?.interpreter.version).toMatch(
      new RegExp(`^${found.version.replace('.', '\\.')}\\.\\d`),
    );
  },
);

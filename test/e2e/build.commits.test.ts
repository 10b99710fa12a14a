import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCheck } from '../support/checking.ts';
import { commitAll, git } from '../support/fixtures.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';

function greeter(): string {
  const root = join(temporaryFolder('commits'), 'greeter');
  cpSync(inRepository('examples', 'greeter'), root, {
    recursive: true,
    filter: (path) => !path.endsWith('.exitproof'),
  });
  git(root, 'init', '--quiet', '--initial-branch=main');
  // Its folder in it: no earlier check has cached this program.
  writeFileSync(join(root, 'src/greeter/place.py'), `PLACE = ${JSON.stringify(root)}\n`);
  commitAll(root, 'start');
  return root;
}

const check = (root: string, args: readonly string[] = []) =>
  runCheck(root, ['--python', PYTHON, '--cache', 'on', ...args]);

describe.skipIf(PYTHON === '')('a commit', () => {
  test('of tests alone hits, of sources misses and says so; each is named as what was checked', async () => {
    const root = greeter();
    const first = await check(root);
    expect(first.report.cache, first.output).toMatchObject({ result: 'miss', saved: true });

    writeFileSync(join(root, 'tests/test_more.py'), 'def test_more():\n    assert True\n');
    commitAll(root, 'more tests');
    const tests = await check(root);
    expect(tests.report, tests.output).toMatchObject({ verdict: 'passed', cache: { result: 'hit' } });
    expect(tests.report.commit).toBe(git(root, 'rev-parse', 'HEAD').trim());
    expect(tests.report.build?.sha256).toBe(first.report.build?.sha256);

    writeFileSync(join(root, 'tests/test_more.py'), 'def test_more():\n    pass\n');
    const dirty = await check(root);
    expect(dirty.report.commit).toBe(`${git(root, 'rev-parse', 'HEAD').trim()}-dirty`);

    writeFileSync(join(root, 'src/greeter/more.py'), 'MORE = 1\n');
    commitAll(root, 'more sources');
    const sources = await check(root);
    expect(sources.report.cache, sources.output).toMatchObject({
      result: 'miss',
      reason: 'part changed: project',
    });
    expect(git(root, 'status', '--short')).toBe('');
  });
});

test.skipIf(PYTHON === '')(
  'a program that reads a file beside its checkout fails its smoke run',
  async () => {
    const root = join(temporaryFolder('forgotten'), 'reader');
    mkdirSync(join(root, 'data'), { recursive: true });
    writeFileSync(join(root, 'data/names.txt'), 'Ada\n');
    const lines = [
      '[build-system]',
      'requires = ["setuptools>=61"]',
      'build-backend = "setuptools.build_meta"',
      '[project]',
      'name = "reader"',
      'version = "1"',
      'dependencies = []',
      '[project.scripts]',
      'reader = "reader:main"',
      '[tool.setuptools]',
      'py-modules = ["reader"]',
    ];
    writeFileSync(join(root, 'pyproject.toml'), `${lines.join('\n')}\n`);
    writeFileSync(join(root, 'reader.py'), 'def main():\n    print(open("./data/names.txt").read())\n');
    const { code, output, report } = await check(root, ['--smoke=']);
    expect(code, output).toBe(1);
    expect(report).toMatchObject({ verdict: 'failed', cache: { saved: false } });
    expect(report.runs[0]?.output.head).toContain(
      "FileNotFoundError: [Errno 2] No such file or directory: './data/",
    );
  },
);

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "sample"
version = "1"

[project.scripts]
`;

const oneScript = {
  'pyproject.toml': `${PROJECT}sample = "sample:main"\n`,
  'sample.py': 'def main(): pass\n',
};

interface Refusal {
  readonly what: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** What the sentence must name. */
  readonly says: readonly (string | RegExp)[];
}

const refusals: readonly Refusal[] = [
  { what: 'an unknown flag', files: oneScript, args: ['check', '--smokes=x'], says: ['--smokes', /--smoke(?!s)/] },
  { what: 'an unknown command', args: ['chek'], says: ['chek', 'check'] },
  { what: 'no command', args: [], says: ['check'] },
  { what: 'run without a command', args: ['run'], says: ['run'] },
  {
    what: 'an unknown setting in pyproject.toml',
    files: {
      ...oneScript,
      'pyproject.toml': `${oneScript['pyproject.toml']}\n[tool.exitproof]\nsmokes = ["x"]\n`,
    },
    args: ['check'],
    says: ['smokes', /pyproject\.toml|tool\.exitproof/],
  },
  {
    what: 'a pyproject.toml that is no TOML',
    files: { 'pyproject.toml': '[project\nname = 1' },
    args: ['check'],
    says: ['pyproject.toml'],
  },
  {
    what: 'a bare number as a duration',
    files: oneScript,
    args: ['check', '--run-timeout', '10'],
    says: ['run-timeout', '10', '10s'],
  },
  {
    what: 'a duration without a meaning',
    files: oneScript,
    args: ['check', '--teardown-timeout', 'soon'],
    says: ['teardown-timeout', 'soon'],
  },
  {
    what: 'a boolean that is none',
    files: oneScript,
    args: ['check', '--json=maybe'],
    says: ['json', 'maybe', 'true', 'false'],
  },
  {
    what: 'a choice that is none',
    files: oneScript,
    args: ['check', '--layouts', 'zip'],
    says: ['layouts', 'zip', 'zipapp', 'venv'],
  },
  { what: 'no pyproject.toml and nothing else given', args: ['check'], says: ['pyproject.toml'] },
  {
    what: 'several scripts and none chosen',
    files: { ...oneScript, 'pyproject.toml': `${PROJECT}first = "sample:main"\nsecond = "sample:main"\n` },
    args: ['check'],
    says: ['first', 'second', 'entry-point'],
  },
  {
    what: 'an unknown script',
    files: oneScript,
    args: ['check', '--entry-point', 'nobody'],
    says: ['nobody', 'sample'],
  },
  { what: 'a Python that is nowhere', files: oneScript, args: ['check', '--python', '3.99'], says: ['3.99'] },
  { what: 'a project folder that is missing', args: ['check', 'elsewhere'], says: ['elsewhere'] },
  {
    what: 'a lock that is none',
    files: { ...oneScript, 'requirements.txt': '<<<<<<< HEAD\nrich==13.0\n=======\n' },
    args: ['check'],
    says: ['requirements.txt'],
  },
  {
    what: 'an uv.lock that is none',
    files: { ...oneScript, 'uv.lock': 'this is no lock\n' },
    args: ['check'],
    says: ['uv.lock'],
  },
  {
    what: 'a lock of another tool alone',
    files: { ...oneScript, 'poetry.lock': '# poetry\n' },
    args: ['check'],
    says: ['poetry.lock', 'export'],
  },
  {
    what: 'a requirements file that is missing',
    files: oneScript,
    args: ['check', '--requirements', 'gone.txt'],
    says: ['gone.txt'],
  },
];

test.for(refusals)('$what: exit code 2, one sentence, nothing created', async ({ files, args, says }) => {
  const folder = project(files ?? {});
  const before = everything(folder);
  const report = join(folder, 'report.json');
  const asked = args.length === 0 || args[0] === 'chek' ? args : [...args, '--report', report];

  const { code, stdout, stderr } = await runCli(asked, { cwd: folder, env: testEnvironment() });

  expect(code, stderr).toBe(2);
  for (const word of says) expect(stderr).toMatch(word);
  expect(sentences(stderr)).toBeLessThanOrEqual(2);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).toBe('');
  expect(everything(folder)).toEqual(before);
});

test('a requirement that does not resolve: exit code 3, with the reason of the resolver', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const folder = project({});
  const report = join(folder, 'report.json');

  const { code, stderr } = await runCli(
    [
      ...['check', '--requirement', 'humanize==0.0.999', '--entry-point', 'humanize', '--python', python],
      ...['--report', report],
    ],
    { cwd: folder, env: testEnvironment() },
  );

  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(/No matching distribution found for humanize==0\.0\.999/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(existsSync(report), stderr).toBe(true);
  const written = parseReport(readFileSync(report, 'utf8'), report);
  expect(written).toMatchObject({ verdict: 'not-built', runs: [] });
  expect(written.failure?.message).toMatch(/humanize==0\.0\.999/);
});

test('a module that cannot be built: exit code 3', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const broken = oneScript['pyproject.toml'].replace('version = "1"', 'version = "not a version"');
  const folder = project({ ...oneScript, 'pyproject.toml': broken });

  const { code, stderr } = await runCli(['check', '--python', python], {
    cwd: folder,
    env: testEnvironment(),
  });

  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(/version/);
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder('refusal'), 'sample');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function everything(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** A hint may stand on a line of its own. */
function sentences(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

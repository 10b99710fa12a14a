import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Report } from '../src/report/model.ts';
import { parseReport } from '../src/report/parse.ts';
import { runCli, testEnvironment } from '../test/support/cli.ts';
import { inRepository } from '../test/support/paths.ts';
import { type Python, python, pythons } from '../test/support/pythons.ts';
import { BARE, checkProject, missingForDebian } from './origin/debian.ts';

const USAGE = `npm run builds -- [--only versions|apart|debian]
What takes minutes to see of builds. versions: pex 2.28.1, 2.58.0 and the locked one, on every Python from 3.8 to 3.13.
apart: two builds 70 s, a folder and a time zone apart, byte for byte. debian: a Debian 11 without python3-venv, pip and
zstd builds, watches and archives (takes root and debootstrap; its root is made once).`;

/** Seconds: more than one tick of ZIP's clock, and another minute. */
const APART = 70;

const BACKENDS: Readonly<Record<string, readonly string[]>> = {
  setuptools: ['setuptools>=61', 'setuptools.build_meta'],
  hatchling: ['hatchling>=1.21', 'hatchling.build'],
};

const { values } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
});

const PARTS: Readonly<Record<string, () => Promise<readonly Answer[]>>> = { versions, apart, debian };

if (values.help) console.log(USAGE);
else process.exitCode = await main();

interface Answer {
  readonly what: string;
  /** Null where it is right. */
  readonly fault: string | null;
}

async function main(): Promise<number> {
  const chosen = Object.entries(PARTS).filter(([name]) => values.only === undefined || values.only === name);
  if (chosen.length === 0) {
    console.error(USAGE);
    return 2;
  }
  let wrong = 0;
  for (const [name, part] of chosen) {
    console.log(`\n${name}`);
    for (const { what, fault } of await part()) {
      console.log(`  ${fault === null ? '✓' : '✗'} ${what}${fault === null ? '' : `: ${fault}`}`);
      if (fault !== null) wrong += 1;
    }
  }
  return wrong === 0 ? 0 : 1;
}

async function versions(): Promise<readonly Answer[]> {
  const wanted = [
    ...['2.28.1', '2.58.0'].flatMap((version) =>
      pythons()
        .filter((one) => ['3.9', '3.12'].includes(one.version))
        .map((one) => ({ version, one })),
    ),
    ...pythons().map((one) => ({ version: null, one })),
  ];
  const answers: Answer[] = [];
  for (const { version, one } of wanted) {
    const args = version === null ? [] : ['--builder-version', version];
    const checked = await checkOnce('setuptools', one, args, {});
    const what = `pex ${version ?? '(locked)'} on Python ${one.version}`;
    answers.push({ what, fault: faultOf(checked) });
  }
  return answers;
}

async function apart(): Promise<readonly Answer[]> {
  const path = python('3.12') ?? pythons().at(-1)?.path;
  if (path === undefined) return [{ what: 'two builds', fault: 'there is no Python' }];
  const answers: Answer[] = [];
  const one = { version: '', path };
  for (const backend of Object.keys(BACKENDS)) {
    const begun = performance.now();
    const make = async (zone: string): Promise<readonly Checked[]> => [
      await checkOnce(backend, one, ['--archive', 'tar'], { TZ: zone }),
      await checkOnce(backend, one, ['--archive', 'zip'], { TZ: zone }),
    ];
    const first = await make('Pacific/Kiritimati');
    await wait(Math.max(0, APART * 1000 - (performance.now() - begun)));
    const second = await make('America/Los_Angeles');
    const sums = (all: readonly Checked[]): readonly (string | undefined)[] =>
      all.flatMap(({ report }) => [report?.build?.sha256, report?.archive?.sha256]);
    const [before, after] = [sums(first), sums(second)];
    for (const [index, what] of ['PEX', 'tar', 'PEX again', 'zip'].entries()) {
      const same = before[index] !== undefined && before[index] === after[index];
      answers.push({
        what: `${backend}: ${what}`,
        fault: same ? null : `${before[index]}, then ${after[index]}`,
      });
    }
  }
  return answers;
}

async function debian(): Promise<readonly Answer[]> {
  const missing = missingForDebian(BARE);
  if (missing.length > 0) {
    console.log(`  skipped: it takes ${missing.join(' and ')}`);
    return [];
  }
  // Without a pip of its own, Python must be told where one is to come from.
  process.env['PIP_INDEX_URL'] ??= 'https://pypi.org/simple';
  const put = (folder: string): void =>
    cpSync(inRepository('examples', 'greeter'), folder, {
      recursive: true,
      filter: (path) => !path.endsWith('.exitproof'),
    });
  const args = ['check', '/project', '--archive', 'tar.gz', '--smoke-on', 'archive', '--cache', 'on'];
  const built = checkProject(BARE, put, args);
  const { report } = built;
  const version = report?.build?.interpreter.version ?? 'no Python';
  const compression =
    report?.cache?.parts.find(({ value }) => /zstd|gzip|none/.test(value))?.value ?? 'nothing';
  return [{ what: `Debian 11, Python ${version}, the store packs by ${compression}`, fault: faultOf(built) }];
}

interface Checked {
  readonly report: Report | null;
  readonly output: string;
}

function faultOf({ report, output }: Checked): string | null {
  if (report?.verdict === 'passed') return null;
  return report === null ? output.slice(-2000) : `${report.verdict}: ${report.summary}`;
}

/** A small program with a universal wheel of Python 2 and 3 among its dependencies, in a new folder. */
async function checkOnce(
  backend: string,
  { path }: Python,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Checked> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-builds-'));
  const [requires, module] = BACKENDS[backend] ?? [];
  mkdirSync(join(folder, 'src', 'small'), { recursive: true });
  const files = {
    'pyproject.toml': [
      '[build-system]',
      `requires = ["${requires}"]`,
      `build-backend = "${module}"`,
      '[project]',
      'name = "small"',
      'version = "1.0"',
      'dependencies = ["six"]',
      '[project.scripts]',
      'small = "small:main"',
      '',
    ].join('\n'),
    'requirements.txt': 'six==1.17.0\n',
    'src/small/__init__.py': 'import six\n\n\ndef main():\n    print(six.__version__)\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'report.json');
  const asked = ['check', '--python', path, '--smoke=', '--cache', 'off', '--report', file, ...args];
  const result = await runCli(asked, { cwd: folder, env: testEnvironment(env) });
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  rmSync(folder, { recursive: true, force: true });
  return { report, output: `${result.stdout}\n${result.stderr}` };
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { type CliResult, NODE_24, node20, runCli, testEnvironment } from '../support/cli.ts';
import { checkoutOf, git } from '../support/fixtures.ts';
import { example, inRepository } from '../support/paths.ts';
import { processesLeft } from '../support/processes.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

interface Checked extends CliResult {
  readonly report: Report | null;
  readonly said: string;
}

let environment: Readonly<Record<string, string | undefined>>;

beforeAll(() => {
  // A cache of this file's own: what a first check says is a part of what is tested. And a name that all its
  // processes carry.
  environment = testEnvironment({ XDG_CACHE_HOME: temporaryFolder('cache'), TMPDIR: temporaryFolder('tmp') });
});

/** Runs `check` in `cwd` with a report, for an interpreter that every test here can be built for. */
async function check(cwd: string, args: readonly string[], timeOf?: string): Promise<Checked> {
  const file = join(cwd, 'report.json');
  const python = anyPython();
  const result = await runCli(['check', ...args, ...(python ? ['--python', python] : []), '--report', file], {
    cwd,
    env: environment,
    ...(timeOf === undefined ? {} : { timeOf }),
  });
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  return { ...result, report, said: `${result.stdout}${result.stderr}` };
}

describe('a program that ends', () => {
  test('passes with its phases and their times, and the second check takes the layout from the cache', async (context) => {
    need(context, 'a Python', anyPython());
    const project = checkoutOf(example('greeter'));

    const first = await check(project, ['.']);
    expect(first.code, first.said).toBe(0);
    expect(first.report?.verdict).toBe('passed');
    expect(first.report?.cache?.result).toBe('miss');
    expect(first.said).toMatch(/threading-shutdown.*\d+(\.\d+)? ?m?s/s);
    expect(first.said).toMatch(/miss/);
    expect(first.said).toContain('Hello Grace, you are the 2nd of 3.');

    const second = await check(project, ['.']);
    expect(second.code, second.said).toBe(0);
    expect(second.report?.cache?.result, JSON.stringify(second.report?.cache)).toBe('hit');
    expect(second.said).toMatch(/hit/);
    expect(second.milliseconds).toBeLessThan(first.milliseconds / 2);
  });

  test('leaves the checkout as it was', async (context) => {
    need(context, 'a Python', anyPython());
    const project = checkoutOf(example('greeter'));
    const elsewhere = temporaryFolder('elsewhere');

    const { code, said } = await check(elsewhere, [project]);

    expect(code, said).toBe(0);
    expect(git(project, 'status', '--porcelain', '--ignored')).toBe('');
  });

  test('passes on the oldest Node as well', async (context) => {
    const node = need(context, 'a bundle and Node 20', node20());
    const folder = temporaryFolder('node20');
    const { code, stdout, stderr } = await runCli(['run', '--', 'echo', 'hello'], {
      cwd: folder,
      env: environment,
      node,
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('hello');
  });
});

describe('a program whose workers nobody stops', () => {
  let project: string;
  let checked: Checked;
  beforeAll(async () => {
    project = checkoutOf(example('uploader'));
    checked = await check(project, ['.'], 'done: 3 of 3');
  });

  test('is stalled in threading-shutdown, names the line in the checkout, and leaves nothing', async (context) => {
    need(context, 'a Python', anyPython());
    const { code, report, said, milliseconds, timeOf } = checked;
    expect(code, said).toBe(1);
    expect(report?.verdict).toBe('stalled');
    expect(report?.phase).toBe('threading-shutdown');
    const guilty = report?.runs.at(0)?.diagnosis?.guilty;
    expect(guilty?.function).toBe('drain');
    expect(guilty?.source).toEqual({
      path: 'src/uploader/transfer.py',
      line: lineOf(join(project, 'src/uploader/transfer.py'), 'self.pending.get()'),
      exact: true,
    });
    expect(said).toContain('transfer.py');
    // The project's teardown-timeout is 5 s; 5 s more for evidence and the end.
    expect(milliseconds - (timeOf ?? Number.NaN)).toBeLessThan(10_000);
    expect(await processesLeft(environment['TMPDIR'] ?? '')).toEqual([]);
  });

  test('is said as the README shows it', (context) => {
    need(context, 'a Python', anyPython());
    const [, shown = ''] =
      /```text\n([\s\S]*?)```/.exec(readFileSync(inRepository('README.md'), 'utf8')) ?? [];
    const conclusion = checked.said.slice(checked.said.indexOf('✗'));
    expect(comparable(conclusion), checked.said).toEqual(comparable(shown));
    expect(shown).toContain('stalled in threading-shutdown');
  });

  test('ends where it is asked only for its help: no worker was started', async (context) => {
    need(context, 'a Python', anyPython());
    const project = checkoutOf(example('uploader'));
    const { code, said } = await check(project, ['.', '--smoke=--help']);
    expect(code, said).toBe(0);
  });
});

describe('a program from the index', () => {
  test.for([
    ['httpie', 'http', '--version'],
    ['numpy', 'f2py', '-v'],
  ])('%s passes', async ([requirement = '', script = '', argument = ''], context) => {
    need(context, 'a Python', anyPython());
    const folder = temporaryFolder('index');

    const args = ['--requirement', requirement, '--entry-point', script, `--smoke=${argument}`];
    const { code, report, said } = await check(folder, args);

    expect(code, said).toBe(0);
    expect(report?.verdict).toBe('passed');
    expect(report?.runs.at(0)?.output.head).toMatch(/^\d+\.\d+/m);
  });
});

test('what was built runs by itself, where the report says it lies', async (context) => {
  need(context, 'a Python', anyPython());
  const project = checkoutOf(example('greeter'));

  const { report, said } = await check(project, ['.']);
  const executable = need(context, 'an executable', report?.executable ?? null);
  const run = await runCli(['run', '--', join(project, executable), 'Ada'], {
    cwd: project,
    env: environment,
    node: NODE_24,
  });

  expect(run.stdout, said).toContain('Hello Ada, you are the 1st of 1.');
  expect(run.code).toBe(0);
});

/** Frames of the standard library differ by version, times and bars by the minute. */
function comparable(text: string): readonly string[] {
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => !/ threading\.py| queue\.py/.test(line));
  return lines.map((line) =>
    line
      .replaceAll('examples/uploader/', '')
      .replaceAll(/[█━]+/g, '')
      .replaceAll(/\d+(\.\d+)? m?s\b/g, '… s')
      .replaceAll(/(pex|CPython) [\d.]+/g, '$1')
      .replaceAll(/sha256 [0-9a-f]+…/g, 'sha256')
      .replaceAll(/ +/g, ' ')
      .trim(),
  );
}

function lineOf(file: string, words: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(words)) + 1
  );
}

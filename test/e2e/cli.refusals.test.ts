import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { actionEntry, runCli, testEnvironment } from '../support/cli.ts';
import { fakeRunner } from '../support/fakeRunner.ts';
import { anyPython } from '../support/pythons.ts';
import { oneScript, refusals } from '../support/refusals.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

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
  expect(stdout).not.toMatch(/verdict|smoke/i);
  expect(everything(folder)).toEqual(before);
});

test.for(refusals.filter(({ inputs }) => inputs !== undefined))(
  '$what, as inputs of the action: one error annotation, no output',
  async ({ files, inputs, says }) => {
    const runner = fakeRunner();
    onTestFinished(runner.remove);
    write(runner.workspace, files ?? {});
    const before = everything(runner.workspace);

    const step = await runner.step({ entry: actionEntry(), inputs: inputs ?? {} });

    expect(step.exitCode, step.stdout).toBe(2);
    const errors = step.commands.filter(({ name }) => name === 'error');
    expect(errors).toHaveLength(1);
    for (const word of says) expect(errors[0]?.message).toMatch(word);
    expect(step.outputs).toEqual({});
    expect(everything(runner.workspace)).toEqual(before);
  },
);

test('a requirement that does not resolve: exit code 3, with the reason of the resolver', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const folder = project({});
  const report = join(folder, 'report.json');

  const { code, stdout, stderr } = await runCli(
    [
      ...['check', '--requirement', 'humanize==0.0.999', '--entry-point', 'humanize', '--python', python],
      ...['--report', report],
    ],
    { cwd: folder, env: testEnvironment() },
  );

  const said = `${stdout}${stderr}`;
  expect(code, said).toBe(3);
  expect(said).toMatch(/No matching distribution found for humanize==0\.0\.999/);
  expect(said).not.toMatch(/^\s+at /m);
  expect(existsSync(report), stderr).toBe(true);
  const written = parseReport(readFileSync(report, 'utf8'), report);
  expect(written).toMatchObject({ verdict: 'not-built', runs: [] });
  expect(written.failure?.message).toMatch(/humanize==0\.0\.999/);
});

test('a module that cannot be built: exit code 3', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const broken = oneScript['pyproject.toml'].replace('version = "1"', 'version = "not a version"');
  const folder = project({ ...oneScript, 'pyproject.toml': broken });

  const { code, stdout, stderr } = await runCli(['check', '--python', python], {
    cwd: folder,
    env: testEnvironment(),
  });

  const said = `${stdout}${stderr}`;
  expect(code, said).toBe(3);
  expect(said).toMatch(/version/);
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder('refusal'), 'sample');
  mkdirSync(folder);
  write(folder, files);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

function everything(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** A hint may stand on a line of its own. */
function sentences(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

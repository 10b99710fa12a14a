import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { fakeRunner } from '../support/fakeRunner.ts';
import { intermittent } from '../support/intermittent.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const SHARDS = [1, 2, 3];

/** The reports of three shards, by their file's name; the second one's program always stalls. */
let reports: ReadonlyMap<string, string> | null = null;

beforeAll(async () => {
  const python = anyPython();
  if (python === null) return;
  const folder = temporaryFolder('shards');
  const executable = intermittent(folder, python);
  const made = new Map<string, string>();
  for (const shard of SHARDS) {
    const file = join(folder, `${shard}.json`);
    const flags = ['--soak', '15', '--shard', `${shard}/3`, '--teardown-timeout', '1s'];
    await runCli(['check', '--executable', executable, '--smoke', '', '--report', file, ...flags], {
      cwd: folder,
      env: testEnvironment({ CHANCE: shard === 2 ? '100' : '0' }),
    });
    made.set(`${shard}.json`, readFileSync(file, 'utf8'));
  }
  reports = made;
});

function reportsIn(context: TestContext, folder: string): string {
  for (const [name, text] of need(context, 'a Python', reports)) {
    mkdirSync(join(folder, 'reports'), { recursive: true });
    writeFileSync(join(folder, 'reports', name), text);
  }
  return folder;
}

describe('exitproof merge', () => {
  test('gives the shards of a soak one verdict, one report and one exit code', async (context) => {
    const cwd = reportsIn(context, temporaryFolder('merge'));
    const args = ['merge', 'reports', '--expect', '3', '--report', 'all.json'];
    const { code, stdout, stderr } = await runCli(args, { cwd, env: testEnvironment() });
    expect(code, stderr).toBe(1);
    expect(stdout).toMatch(/5 of 15 runs stalled \(11\.8 % to 61\.6 % with 95 % confidence\)/);
    const merged = parseReport(readFileSync(join(cwd, 'all.json'), 'utf8'), 'all.json');
    expect(merged).toMatchObject({ verdict: 'stalled', soak: { runs: 15, stalls: 5 }, parts: [{}, {}, {}] });
  });

  test('lets a stall pass where it only is to warn', async (context) => {
    const cwd = reportsIn(context, temporaryFolder('merge'));
    const args = ['merge', 'reports/*.json', '--on-stall', 'warn', '--json'];
    const { code, stdout } = await runCli(args, { cwd, env: testEnvironment() });
    expect(code).toBe(0);
    expect(parseReport(stdout, 'stdout').verdict).toBe('stalled');
  });

  test('names the shard that is missing, in one sentence', async (context) => {
    const cwd = reportsIn(context, temporaryFolder('merge'));
    rmSync(join(cwd, 'reports', '2.json'));
    const { code, stdout, stderr } = await runCli(['merge', 'reports'], { cwd, env: testEnvironment() });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: 'exitproof: shard 2/3 is missing.\n',
    });
  });
});

describe('the action', () => {
  const runner = fakeRunner();
  afterAll(runner.remove);
  const step = (inputs: Readonly<Record<string, string>>) =>
    runner.step({ entry: 'src/action/merge.ts', inputs });

  test('has outputs, a summary and one annotation of the whole', async (context) => {
    reportsIn(context, runner.workspace);
    const { exitCode, outputs, summary, commands, stdout } = await step({ reports: 'reports', expect: '3' });
    expect(exitCode, stdout).toBe(1);
    expect(outputs).toMatchObject({ verdict: 'stalled', runs: '15', stalls: '5' });
    expect(summary).toContain('| 15 | **5** | 11.8 % to 61.6 % |');
    expect(summary).toContain('<code>reports/2.json</code>');
    expect(commands.filter(({ name }) => name === 'error')).toHaveLength(1);
    const file = join(runner.workspace, outputs['report'] ?? '');
    expect(parseReport(readFileSync(file, 'utf8'), file).soak?.runs).toBe(15);
  });

  test('names what is missing, in one annotation', async (context) => {
    reportsIn(context, runner.workspace);
    const { exitCode, outputs, commands } = await step({ reports: 'reports', expect: '4' });
    expect(exitCode).toBe(2);
    expect(outputs).toEqual({});
    expect(commands.filter(({ name }) => name === 'error')).toMatchObject([
      { message: expect.stringMatching(/^expected 4 reports, got 3 reports: reports\/1\.json, /) },
    ]);
  });

  test('refuses to merge nothing', async () => {
    const { exitCode, commands } = await step({});
    expect(exitCode).toBe(2);
    expect(commands).toMatchObject([{ name: 'error', message: expect.stringContaining('reports') }]);
  });
});

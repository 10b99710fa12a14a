import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { cacheService } from '../support/cacheService.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { fakeRunner } from '../support/fakeRunner.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';

/** Stalls in its teardown while a file says so that lies outside of it. */
function program(folder: string, file: string): void {
  writeFileSync(
    join(folder, 'app.py'),
    [
      'import atexit, os, time',
      '@atexit.register',
      'def leave():',
      `    while os.path.exists(${JSON.stringify(file)}):`,
      '        time.sleep(0.05)',
      "print('hello')",
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'pyproject.toml'),
    '[tool.exitproof]\nentry-point = "app.py"\nteardown-timeout = "1s"\nsmoke = [""]\n',
  );
}

describe.skipIf(PYTHON === '')('a cached layout that stalls in a later check', () => {
  test('is withdrawn: restore has a reason instead, and the next check builds anew', async () => {
    const cwd = temporaryFolder('withdrawn');
    const beside = temporaryFolder('beside');
    const [stalls, taken] = [join(beside, 'stalls'), join(beside, 'taken')];
    program(cwd, stalls);
    const env = testEnvironment();
    const file = join(cwd, '.exitproof/out/report.json');
    const check = async (...more: readonly string[]) => {
      const { code, stdout, stderr } = await runCli(['check', '--python', PYTHON, ...more], { cwd, env });
      return { code, said: stdout + stderr, report: parseReport(readFileSync(file, 'utf8'), file) };
    };
    const first = await check('--cache', 'on');
    expect(first.report, first.said).toMatchObject({ verdict: 'passed', cache: { saved: true } });
    const key = first.report.cache?.key ?? '';
    const restore = () =>
      runCli(['restore', '--key', key, '--path', taken, '--python', PYTHON, '--json'], { cwd, env });
    expect((await restore()).code).toBe(0);
    rmSync(taken, { recursive: true });

    writeFileSync(stalls, '');
    const readOnly = await check('--cache', 'read');
    expect(readOnly.report).toMatchObject({ verdict: 'stalled', cache: { result: 'hit' } });
    expect(readOnly.report.warnings).toEqual([
      `the cached layout, which passed before, stays in the cache as checked (cache: read): delete ${key}`,
    ]);
    expect((await restore()).code).toBe(0);
    rmSync(taken, { recursive: true });

    const stalled = await check('--cache', 'on');
    expect(stalled.code, stalled.said).toBe(1);
    expect(stalled.report).toMatchObject({ verdict: 'stalled', warnings: [], cache: { result: 'hit', key } });
    expect(stalled.report.notices.join()).toContain('is withdrawn');
    const refused = await restore();
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      result: 'miss',
      reason: expect.stringMatching(/was withdrawn: checked again on 20\S+Z, it stalled$/),
    });
    expect(existsSync(taken)).toBe(false);

    const again = await check('--cache', 'on');
    expect(again.report).toMatchObject({ verdict: 'stalled', cache: { result: 'miss', saved: false } });
    rmSync(stalls);
    const healed = await check('--cache', 'on');
    expect(healed.report, healed.said).toMatchObject({
      verdict: 'passed',
      cache: { result: 'miss', saved: true, key },
    });
    expect((await restore()).code).toBe(0);
  });

  test('is so on GitHub, too, where no entry is ever replaced: another one under its key tells it', async () => {
    const runner = fakeRunner();
    const service = await cacheService();
    onTestFinished(() => {
      service.close();
      runner.remove();
    });
    const stalls = join(temporaryFolder('withdrawn'), 'stalls');
    program(runner.workspace, stalls);
    const check = () => {
      rmSync(join(runner.workspace, '.exitproof'), { recursive: true, force: true });
      return runner.step({
        entry: 'src/action/main.ts',
        inputs: { python: PYTHON, cache: 'on' },
        env: { ...service.env, XDG_CACHE_HOME: inRepository('.exitproof', 'test', 'cache') },
      });
    };
    const first = await check();
    expect(first.outputs, first.stdout).toMatchObject({ verdict: 'passed' });
    const key = first.outputs['cache-key'] ?? '';
    writeFileSync(stalls, '');
    const stalled = await check();
    expect(stalled.outputs).toMatchObject({ verdict: 'stalled', 'cache-result': 'hit' });
    expect(service.keys()).toEqual([key, `${key}.2`]);

    const restored = await runner.step({
      entry: 'src/action/restore.ts',
      inputs: { key, python: PYTHON, path: 'taken' },
      env: service.env,
    });
    expect(restored.exitCode).toBe(1);
    expect(restored.stdout).toContain('was withdrawn: checked again on');
    expect(readdirSync(runner.workspace)).not.toContain('taken');

    rmSync(stalls);
    const healed = await check();
    expect(healed.outputs, healed.stdout).toMatchObject({
      verdict: 'passed',
      'cache-result': 'miss',
      'cache-key': `${key}.3`,
    });
    expect((await check()).outputs).toMatchObject({ 'cache-result': 'hit', 'cache-key': `${key}.3` });
  });
});

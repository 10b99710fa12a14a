import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cacheService } from '../support/cacheService.ts';
import { runCheck } from '../support/checking.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { fakeRunner } from '../support/fakeRunner.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';

/** Stalls in its teardown while a file that lies outside of it names a part of the program's path. */
function program(folder: string, file: string, settings: readonly string[] = []): void {
  writeFileSync(
    join(folder, 'app.py'),
    [
      'import atexit, os, time',
      '@atexit.register',
      'def leave():',
      `    file = ${JSON.stringify(file)}`,
      '    while os.path.exists(file) and open(file).read() in os.path.abspath(__file__):',
      '        time.sleep(0.05)',
      "print('hello')",
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'pyproject.toml'),
    [
      '[tool.exitproof]',
      'entry-point = "app.py"',
      'teardown-timeout = "1s"',
      'smoke = [""]',
      'cache = "on"',
      ...settings,
      '',
    ].join('\n'),
  );
}

/** A project of the program, what makes it stall, and its commands. */
function place(settings: readonly string[] = [], python = PYTHON) {
  const cwd = temporaryFolder('withdrawn');
  const stalls = join(temporaryFolder('beside'), 'stalls');
  program(cwd, stalls, settings);
  const check = (...more: readonly string[]) => runCheck(cwd, ['--python', python, ...more]);
  const restored = async (key: string) => {
    const args = ['restore', '--key', key, '--path', 'taken', '--python', python, '--json'];
    const { stdout } = await runCli(args, { cwd, env: testEnvironment() });
    return JSON.parse(stdout);
  };
  return { cwd, stalls, check, restored };
}

/** An interpreter that never comes to lay a PEX out as a venv, while the file is there. */
function reluctantPython(file: string): string {
  const folder = join(temporaryFolder('reluctant'), 'venv');
  execFileSync(PYTHON, ['-m', 'venv', '--without-pip', folder]);
  const python = join(folder, 'bin/python');
  const ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
  const packages = execFileSync(python, ['-c', ask], { encoding: 'utf8' }).trim();
  writeFileSync(
    join(packages, 'reluctant.pth'),
    `import os, time; [time.sleep(600) for _ in 'x' if os.path.exists(${JSON.stringify(file)}) and b'pex_skeleton' in open('/proc/self/cmdline', 'rb').read()]\n`,
  );
  return python;
}

const WITHDRAWN = {
  result: 'miss',
  reason: expect.stringMatching(/was withdrawn: checked again on 20\S+Z, it stalled$/),
};

describe.skipIf(PYTHON === '')('a cached layout that stalls in a later check', () => {
  test('is withdrawn: restore has a reason instead, and the next check builds anew', async () => {
    const { cwd, stalls, check, restored } = place();
    const taken = join(cwd, 'taken');
    const first = await check();
    expect(first.report, first.output).toMatchObject({ verdict: 'passed', cache: { saved: true } });
    const key = first.report.cache?.key ?? '';
    expect(await restored(key)).toMatchObject({ result: 'hit' });
    rmSync(taken, { recursive: true });

    writeFileSync(stalls, '');
    const readOnly = await check('--cache', 'read');
    expect(readOnly.report).toMatchObject({ verdict: 'stalled', cache: { result: 'hit' } });
    expect(readOnly.report.warnings).toEqual([
      `the cached layout, which passed before, stays in the cache as checked (cache: read): delete ${key}`,
    ]);
    expect(await restored(key)).toMatchObject({ result: 'hit' });
    rmSync(taken, { recursive: true });

    const stalled = await check();
    expect(stalled.code, stalled.output).toBe(1);
    expect(stalled.report).toMatchObject({ verdict: 'stalled', warnings: [], cache: { result: 'hit', key } });
    expect(stalled.report.notices.join()).toContain('is withdrawn');
    expect(await restored(key)).toMatchObject(WITHDRAWN);
    expect(existsSync(taken)).toBe(false);

    const again = await check();
    expect(again.report).toMatchObject({ verdict: 'stalled', cache: { result: 'miss', saved: false } });
    rmSync(stalls);
    const healed = await check();
    expect(healed.report, healed.output).toMatchObject({
      verdict: 'passed',
      cache: { result: 'miss', saved: true, key },
    });
    expect(await restored(key)).toMatchObject({ result: 'hit' });
  });

  test('is withdrawn where it stalls out of its archive alone', async () => {
    const { cwd, stalls, check, restored } = place(['archive = "tar"', 'smoke-on = "archive"']);
    const first = await check();
    expect(first.report, first.output).toMatchObject({ verdict: 'passed', cache: { saved: true } });
    const key = first.report.cache?.key ?? '';
    writeFileSync(stalls, '/unpacked/');

    const readOnly = await check('--cache', 'read');
    expect(readOnly.report).toMatchObject({ verdict: 'stalled', cache: { result: 'hit' } });
    expect(readOnly.report.warnings.join()).toContain(
      `stays in the cache as checked (cache: read): delete ${key}`,
    );
    const { report, output } = await check();
    expect(report, output).toMatchObject({ verdict: 'stalled', cache: { result: 'hit', key }, warnings: [] });
    expect(report.runs.map(({ from, verdict }) => [from, verdict])).toEqual([
      [undefined, 'passed'],
      ['archive', 'stalled'],
    ]);
    expect(await restored(key)).toMatchObject(WITHDRAWN);
    expect(existsSync(join(cwd, 'taken'))).toBe(false);
  });

  test('is told of where it stays, though the other layout was tried unasked and given up', async () => {
    const hangs = join(temporaryFolder('beside'), 'hangs');
    const python = reluctantPython(hangs);
    const { stalls, check } = place(['layouts = ["zipapp"]', 'on-stall = "use-venv"'], python);
    const first = await check();
    expect(first.report, first.output).toMatchObject({ verdict: 'passed', cache: { saved: true } });
    const key = first.report.cache?.key ?? '';
    for (const file of [stalls, hangs]) writeFileSync(file, '');

    const { report, output } = await check('--cache', 'read', '--build-timeout', '15s');
    expect(output).toContain(
      'the venv layout could not be tried: the build did not end in 15s and was given up',
    );
    expect(report, output).toMatchObject({ verdict: 'stalled', cache: { result: 'hit' } });
    expect(report.warnings.join()).toContain(`stays in the cache as checked (cache: read): delete ${key}`);
  });

  test('is withdrawn on GitHub, too, where no entry is ever replaced: another one under its key tells it', async () => {
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

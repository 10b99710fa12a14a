import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { python } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The same interpreter at another place: its own prefix, the first one's standard library. */
function pythonAt(prefix: string, executable: string): string {
  const real = realpathSync(executable);
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  cpSync(real, join(prefix, 'bin/python3.12'));
  symlinkSync(join(dirname(dirname(real)), 'lib'), join(prefix, 'lib'));
  return join(prefix, 'bin/python3.12');
}

test('a cached layout outlives the interpreter that it was built with, and fits no other X.Y', async (context) => {
  const original = need(context, 'Python 3.12', python('3.12'));
  const other = need(context, 'Python 3.11', python('3.11'));
  const home = temporaryFolder('interpreter');
  const cache = join(home, 'exitproof');
  const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
  mkdirSync(tools, { recursive: true });
  mkdirSync(cache);
  symlinkSync(tools, join(cache, 'tools'));
  const project = join(home, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'app.py'), 'import sys\nprint(sys.base_prefix)\n');
  const env = testEnvironment({ XDG_CACHE_HOME: home });
  const check = async (interpreter: string) => {
    const args = ['check', project, '--entry-point', 'app.py', '--python', interpreter];
    const ended = await runCli(args, { cwd: project, env });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const file = join(project, '.exitproof/out/report.json');
    return parseReport(readFileSync(file, 'utf8'), file);
  };
  const prefixOf = (executable: string): string => execFileSync(executable, { encoding: 'utf8' }).trim();

  const first = await check(pythonAt(join(home, 'first'), original));
  expect(first.cache).toMatchObject({ result: 'miss', saved: true });
  expect(prefixOf(join(project, first.executable ?? ''))).toBe(join(home, 'first'));
  rmSync(join(home, 'first'), { recursive: true });
  rmSync(join(project, '.exitproof'), { recursive: true });

  const second = await check(pythonAt(join(home, 'second'), original));
  expect(second.cache).toMatchObject({ result: 'hit', key: first.cache?.key });
  expect(prefixOf(join(project, second.executable ?? ''))).toBe(join(home, 'second'));

  const third = await check(other);
  expect(third.cache).toMatchObject({ result: 'miss', reason: 'part changed: python' });

  const key = first.cache?.key ?? '';
  const restore = (interpreter: string) =>
    runCli(['restore', '--key', key, '--path', join(home, 'deploy'), '--python', interpreter], {
      cwd: home,
      env,
    });
  const gone = await restore(join(home, 'first/bin/python3.12'));
  expect([gone.code, gone.stderr.trim().split('\n').length <= 2], gone.stderr).toEqual([2, true]);
  const unfit = await restore(other);
  expect(unfit.code).toBe(1);
  expect(unfit.stdout + unfit.stderr).toContain('the layout is for CPython 3.12');
});

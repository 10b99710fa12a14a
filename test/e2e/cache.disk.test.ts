import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { smallDisk } from '../support/smallDisk.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';
const TOOLS = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
/** Bytes. */
const TOO_SMALL = 64 * 1024;
const FULL = /no space left on device|ENOSPC/i;

/** A user with a cache of its own; the private tools are those of all tests. */
function user() {
  const home = temporaryFolder('user');
  const cache = join(home, 'exitproof');
  const project = join(home, 'project');
  mkdirSync(cache);
  mkdirSync(project);
  mkdirSync(TOOLS, { recursive: true });
  symlinkSync(TOOLS, join(cache, 'tools'));
  writeFileSync(join(project, 'app.py'), "print('hello')\n");
  const check = async (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const args = ['check', project, '--entry-point', 'app.py', '--python', PYTHON, ...more];
    const ended = await runCli(args, {
      cwd: project,
      env: testEnvironment({ XDG_CACHE_HOME: home, ...env }),
    });
    return { ...ended, said: ended.stdout + ended.stderr };
  };
  const report = (): Report => {
    const file = join(project, '.exitproof/out/report.json');
    return parseReport(readFileSync(file, 'utf8'), file);
  };
  return { home, cache, project, check, report };
}

const cacheOf = ({ cache }: Report) => ({ result: cache?.result, saved: cache?.saved });

/** Everything below a folder that is not whole: what it would take a rename to finish. */
function halves(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(\.part-|\.old-|~$)/.test(name),
  );
}

describe.skipIf(PYTHON === '')('a full disk', () => {
  test('where layouts are kept costs the next job time, and this one nothing', async (context) => {
    const { cache, check, report } = user();
    need(context, 'the right to mount', smallDisk(join(cache, 'layouts'), TOO_SMALL));
    const ended = await check();
    expect(ended.code, ended.said).toBe(0);
    expect(ended.said).toMatch(/cache: not saved: .*ENOSPC/);
    expect(cacheOf(report())).toEqual({ result: 'miss', saved: false });
    expect(readdirSync(join(cache, 'layouts'))).toEqual([]);
  });

  test('where the program is built is one sentence, and leaves nothing half', async (context) => {
    const { home, check } = user();
    const output = need(context, 'the right to mount', smallDisk(join(home, 'out'), TOO_SMALL));
    const ended = await check(['--output', output]);
    expect(ended.code, ended.said).toBe(3);
    expect(ended.said).toContain('✗ not-built');
    expect(ended.said).toMatch(FULL);
    expect(ended.said).not.toMatch(/at .*\.ts:\d+/);
    expect(readdirSync(output).filter((name) => name !== 'report.json')).toEqual([]);
  });

  test('for temporary files is one sentence', async (context) => {
    const { home, check } = user();
    const temporary = need(context, 'the right to mount', smallDisk(join(home, 'tmp'), TOO_SMALL));
    const ended = await check([], { TMPDIR: temporary });
    expect(ended.code, ended.said).toBe(3);
    expect(ended.said).toMatch(FULL);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('where a cached layout is to go is no corrupt entry, and leaves nothing half', async (context) => {
    const { home, check, report } = user();
    expect((await check()).code).toBe(0);
    const output = need(context, 'the right to mount', smallDisk(join(home, 'out'), TOO_SMALL));
    const ended = await check(['--output', output]);
    expect(ended.code, ended.said).toBe(3);
    expect(ended.said).toMatch(/cache: denied \(it could not be unpacked: .*ENOSPC/);
    expect(halves(output)).toEqual([]);
    expect(existsSync(join(output, 'layout'))).toBe(false);
    expect((await check()).code).toBe(0);
    expect(cacheOf(report())).toMatchObject({ result: 'hit' });
  });

  test('where restore puts a layout is a reason, not a tree', async (context) => {
    const { home, project, check, report } = user();
    expect((await check()).code).toBe(0);
    const disk = need(context, 'the right to mount', smallDisk(join(home, 'deploy'), TOO_SMALL));
    const key = report().cache?.key ?? '';
    const args = ['restore', '--key', key, '--path', join(disk, 'app'), '--python', PYTHON];
    const ended = await runCli(args, { cwd: project, env: testEnvironment({ XDG_CACHE_HOME: home }) });
    expect(ended.code, ended.stdout + ended.stderr).toBe(1);
    expect(ended.stdout + ended.stderr).toMatch(FULL);
    expect(readdirSync(disk)).toEqual([]);
  });
});

describe.skipIf(PYTHON === '')('one folder of layouts', () => {
  test('serves two jobs at once: both pass, and what either kept is whole', async () => {
    const { home, project, check } = user();
    const other = join(home, 'checkout');
    mkdirSync(other);
    writeFileSync(join(other, 'app.py'), "print('hello')\n");
    const [one, two] = await Promise.all([
      check(),
      runCli(['check', other, '--entry-point', 'app.py', '--python', PYTHON], {
        cwd: other,
        env: testEnvironment({ XDG_CACHE_HOME: home }),
      }),
    ]);
    expect([one.code, two.code], one.said + two.stdout + two.stderr).toEqual([0, 0]);
    const kept = readdirSync(join(home, 'exitproof/layouts'));
    expect(kept).toHaveLength(1);
    rmSync(join(project, '.exitproof'), { recursive: true });
    const third = await check();
    expect(third.said).toContain('cache: hit');
    expect(readdirSync(join(home, 'exitproof/jobs'))).toEqual([]);
  });

  test('that is cleared while a job runs takes nothing from that job', async () => {
    const { home, cache, project, check } = user();
    // Of its own: they are removed in the end.
    rmSync(join(cache, 'tools'));
    cpSync(TOOLS, join(cache, 'tools'), { recursive: true, verbatimSymlinks: true });
    const clear = () =>
      runCli(['cache', 'clear'], { cwd: project, env: testEnvironment({ XDG_CACHE_HOME: home }) });
    const running = check();
    const jobs = join(cache, 'jobs');
    await vi.waitUntil(() => existsSync(jobs) && readdirSync(jobs).length > 0, { timeout: 30_000 });
    const cleared = await clear();
    expect(cleared.stdout).toContain('kept the tools: 1 job at work with them');
    const ended = await running;
    expect(ended.code, ended.said).toBe(0);
    expect(ended.said).not.toContain('could not be installed');
    expect((await clear()).stdout).toMatch(/^tools .*^removed /ms);
    expect(readdirSync(join(cache, 'tools'))).toEqual([]);
  });
});

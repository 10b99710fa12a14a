import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LAYOUT_FILE, unseal } from '../../src/layout/manifest.ts';
import { verify } from '../../src/layout/verify.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYPROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "scribe"
version = "1"
dependencies = []
[project.scripts]
scribe = "scribe:main"
[tool.setuptools]
py-modules = ["scribe", "victim"]
`;

/** Does to its own layout what each word says. */
const SCRIBE = `
import os, shutil, sys, time
import victim

def main():
    here = os.path.dirname(os.path.abspath(victim.__file__))
    for word in sys.argv[1:]:
        if word == "add":
            os.makedirs(os.path.join(sys.prefix, "state"))
            open(os.path.join(sys.prefix, "state", "log.txt"), "w").close()
            open(os.path.join(here, "__pycache__", "forged.pyc"), "w").close()
        elif word == "mode":
            os.chmod(victim.__file__, 0o600)
            os.chmod(here, 0o700)
        elif word == "overwrite":
            times = os.stat(victim.__file__)
            with open(victim.__file__, "r+") as file:
                file.write("WORD = 'bad '")
            os.utime(victim.__file__, ns=(times.st_atime_ns, times.st_mtime_ns))
        elif word == "delete":
            os.unlink(victim.__file__)
        elif word == "uncache":
            shutil.rmtree(os.environ["LAYOUTS"])
        elif word == "hang":
            open(os.environ["REACHED"], "w").close()
            time.sleep(600)
        elif word == "tell":
            print(victim.WORD)
            print(os.path.exists(os.path.join(here, *[".."] * 6, "pyproject.toml")))
`;

test('what a program does to its own layout gets into no layout, cache entry or archive', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const root = temporaryFolder('written');
  const project = join(root, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'pyproject.toml'), PYPROJECT);
  writeFileSync(join(project, 'scribe.py'), SCRIBE);
  writeFileSync(join(project, 'victim.py'), "WORD = 'good'\n");
  // A cache of its own: this program empties it.
  const home = join(root, 'home');
  const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
  mkdirSync(tools, { recursive: true });
  mkdirSync(join(home, 'exitproof'), { recursive: true });
  symlinkSync(tools, join(home, 'exitproof', 'tools'));
  const layouts = join(home, 'exitproof', 'layouts');
  const reached = join(root, 'reached');
  // What a job that is killed leaves behind goes with it.
  const TMPDIR = join(root, 'tmp');
  mkdirSync(TMPDIR);
  const env = testEnvironment({ XDG_CACHE_HOME: home, LAYOUTS: layouts, REACHED: reached, TMPDIR });

  const check = async (args: readonly string[]) => {
    const file = join(project, 'report.json');
    const all = ['check', '--python', python, '--cache', 'on', '--report', file, ...args];
    const { code, stdout, stderr } = await runCli(all, { cwd: project, env });
    return { code, said: stdout + stderr, report: parseReport(readFileSync(file, 'utf8'), file) };
  };
  const layout = join(project, '.exitproof/out/layout');
  const tells = (program: string) => execFileSync(program, ['tell'], { encoding: 'utf8' }).split('\n')[0];
  const isClean = async (folder: string): Promise<void> => {
    const sealed = unseal(readFileSync(join(folder, LAYOUT_FILE), 'utf8'));
    if (sealed.kind !== 'layout') throw new Error(sealed.reason);
    const { manifest } = sealed.layout;
    expect(await verify(folder, manifest)).toEqual({ ok: true });
    expect(manifest.filter(({ path }) => /forged|state|log\.txt/.test(path))).toEqual([]);
    expect(tells(join(folder, 'bin/scribe'))).toBe('good');
  };
  const restored = async (key: string): Promise<string> => {
    const path = join(root, 'deploy');
    rmSync(path, { recursive: true, force: true });
    const { code, stderr } = await runCli(['restore', '--key', key, '--path', path, '--python', python], {
      cwd: root,
      env,
    });
    expect(code, stderr).toBe(0);
    return path;
  };

  // Built, and changed by its runs: modules that were compiled stay, and nothing else.
  const tidied = await check(['--smoke=add mode tell', '--archive', 'tar']);
  expect(tidied.code, tidied.said).toBe(0);
  expect(tidied.report.cache).toMatchObject({ result: 'miss', saved: true });
  expect(tidied.report.runs[0]?.output.head).toBe('good\nFalse\n');
  expect(tidied.said).toContain('in its own layout, which are removed: state');
  expect(tidied.report.notices.filter((notice) => notice.includes('layout'))).toEqual([]);
  await isClean(layout);
  await isClean(await restored(tidied.report.cache?.key ?? ''));
  const listed = execFileSync('tar', ['-tf', join(project, tidied.report.archive?.path ?? '')], {
    encoding: 'utf8',
  });
  expect(listed).toContain('victim.py');
  expect(listed).toContain('__pycache__/victim.');
  expect(listed).not.toMatch(/forged|log\.txt/);

  // From the cache, and damaged.
  for (const word of ['overwrite', 'delete']) {
    const mended = await check([`--smoke=${word}`, '--archive', 'tar']);
    expect(mended.code, mended.said).toBe(0);
    expect(mended.report.cache?.result).toBe('hit');
    expect(mended.report.archive?.sha256).toBe(tidied.report.archive?.sha256);
    expect(mended.report.notices.join('\n')).toMatch(
      /after its runs the layout is not what was built, and is made anew: .*victim\.py (has other content|is missing)/,
    );
    await isClean(layout);
  }
  await isClean(await restored(tidied.report.cache?.key ?? ''));

  // Neither what was watched nor the same again: that is no pass.
  const lost = await check(['--smoke=uncache overwrite']);
  expect(lost.code, lost.said).toBe(3);
  expect(lost.report).toMatchObject({ verdict: 'not-built', runs: [{ verdict: 'passed' }] });
  expect(lost.report.failure?.message).toContain('could not be made anew: it is not in the cache any more');
  expect(existsSync(layout)).toBe(false);

  // Built, and damaged.
  const anew = await check(['--smoke=delete']);
  expect(anew.code, anew.said).toBe(0);
  expect(anew.report.cache).toMatchObject({ result: 'miss', saved: true });
  await isClean(layout);
  await isClean(await restored(anew.report.cache?.key ?? ''));

  // Killed between the run and the look over it.
  let pid = 0;
  const args = ['check', '--python', python, '--cache', 'on', '--smoke=overwrite hang'];
  const killed = runCli(args, { cwd: project, env, onSpawn: (started) => (pid = started) });
  await vi.waitFor(() => expect(existsSync(reached)).toBe(true), { timeout: 60_000, interval: 50 });
  process.kill(pid, 'SIGKILL');
  expect((await killed).signal).toBe('SIGKILL');
  expect(existsSync(layout)).toBe(false);
  const next = await check(['--smoke=tell']);
  expect(next.code, next.said).toBe(0);
  expect(next.report.cache?.result).toBe('hit');
  expect(next.report.runs[0]?.output.head).toBe('good\nFalse\n');
  await isClean(layout);
});

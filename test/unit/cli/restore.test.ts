import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeze } from '../../../src/layout/frozen/freeze.ts';
import { baseInterpreter, shortVersion } from '../../../src/layout/interpreter.ts';
import type { LayoutInfo } from '../../../src/layout/manifest.ts';
import { anyPython, pythons } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { INFO, manifestOf, plant } from '../layout/tree.ts';
import { cli } from './source.ts';

const PYTHON = anyPython() ?? '';
const KEY = 'exitproof-layout-1-tool-abc';

/** A machine of its own, by its cache: the folder, and the CLI in it. */
function machine() {
  const home = temporaryFolder('machine');
  const layouts = join(home, 'exitproof', 'layouts');
  return {
    home,
    layouts,
    ask: (env: Readonly<Record<string, string>>, ...argv: string[]) =>
      cli(argv, home, { XDG_CACHE_HOME: home, ...env }),
  };
}

/** The same with one checked layout under `KEY`. */
async function machineWithLayout(form: LayoutInfo['layout'] = 'venv') {
  const { home, layouts, ask } = machine();
  const folder = join(temporaryFolder('built'), 'layout');
  const interpreter = await baseInterpreter(PYTHON);
  if (form === 'venv') {
    plant(folder, { files: [], binaries: [], links: [], empty: [] }, interpreter);
  } else {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/tool'), '', { mode: 0o755 });
  }
  const { version, implementation, soabi } = interpreter;
  const info = { ...INFO, layout: form, commit: 'c0ffee', interpreter: { version, implementation, soabi } };
  const layout = { info, manifest: await manifestOf(folder) };
  await freeze({ folder, layout, artifact: null, record: {}, file: join(layouts, `${KEY}.tar`) });
  return { home, ask, version };
}

describe.skipIf(PYTHON === '')('exitproof restore', () => {
  test('puts a layout in place by its key, and says what it is', async () => {
    const { home, ask } = await machineWithLayout();
    const { code, stdout, stderr } = await ask(
      {},
      'restore',
      '--key',
      KEY,
      '--path',
      'app',
      '--python',
      PYTHON,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('\nchecked: passed, commit c0ffee\n');
    expect(stdout).toContain(`\npath: ${home}/app\nexecutable: ${home}/app/bin/tool\n`);
    expect(existsSync(join(home, 'app', 'bin', 'tool'))).toBe(true);
  });

  test('prints with --json the result alone on stdout', async () => {
    const { home, ask, version } = await machineWithLayout();
    const { code, stdout } = await ask({}, 'restore', '--key', KEY, '--python', PYTHON, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      result: 'hit',
      reason: expect.stringContaining('verified'),
      path: `${home}/.exitproof/restored`,
      executable: `${home}/.exitproof/restored/bin/tool`,
      verdict: 'passed',
      commit: 'c0ffee',
      python: version,
    });
  });

  test('ends 1 where nothing has the key, unless one goes on without it', async () => {
    const { home, ask } = machine();
    expect(await ask({}, 'restore', '--key', KEY, '--python', PYTHON, '--quiet')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'exitproof: nothing restored: miss: no entry has this key\n',
    });
    const goneOn = await ask({}, 'restore', '--key', KEY, '--python', PYTHON, '--on-miss', 'continue');
    expect(goneOn).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(home, '.exitproof'))).toBe(false);
  });

  test('says once that nothing has the key, and where it looked', async () => {
    const { layouts, ask } = machine();
    const { stdout, stderr } = await ask({}, 'restore', '--key', KEY, '--python', PYTHON);
    expect(stdout).toContain(`  looking in ${layouts}\n`);
    expect(`${stdout}${stderr}`.match(/no entry has this key/g)).toHaveLength(1);
  });

  test('takes the Python that the layout wants, though another is the first on PATH', async (context) => {
    const { home, ask, version } = await machineWithLayout();
    const other = pythons().find(({ version: short }) => !version.startsWith(`${short}.`));
    const bin = join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(need(context, 'a second Python', other?.path ?? null), join(bin, 'python3'));
    symlinkSync(PYTHON, join(bin, `python${shortVersion(version)}`));
    const found = await ask({ PATH: bin }, 'restore', '--key', KEY);
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(found.stdout).toContain(`  python: ${version}, `);
    const forced = await ask({ PATH: bin }, 'restore', '--key', KEY, '--python', other?.path ?? '');
    expect(forced).toMatchObject({ code: 1, stderr: expect.stringContaining('the layout is for CPython') });
  });

  test('looks for no Python where the layout carries its own', async () => {
    const { home, ask } = await machineWithLayout('onedir');
    const { code, stdout } = await ask({ PATH: join(home, 'nothing') }, 'restore', '--key', KEY);
    expect(code).toBe(0);
    expect(stdout).not.toContain('python: ');
  });

  test('keeps its own folder out of git, and leaves none where nothing is restored', async () => {
    const { home, ask } = await machineWithLayout('onedir');
    const file = join(home, 'app.tar');
    writeFileSync(file, 'no tar');
    expect((await ask({}, 'restore', '--archive', file)).code).toBe(1);
    expect(existsSync(join(home, '.exitproof'))).toBe(false);
    expect((await ask({}, 'restore', '--key', KEY)).code).toBe(0);
    expect(readdirSync(join(home, '.exitproof')).sort()).toEqual(['.gitignore', 'restored']);
    expect((await ask({}, 'restore', '--key', KEY, '--path', 'deep/down/app')).code).toBe(0);
    expect(readdirSync(join(home, 'deep/down'))).toEqual(['app']);
  });

  test.skipIf(process.platform !== 'linux')('ends where no folder can ever be made', async () => {
    const { ask } = await machineWithLayout('onedir');
    const { code, stderr } = await ask({}, 'restore', '--key', KEY, '--path', '/proc/none/app');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^exitproof: a layout can't lie in "\/proc\/none\/app": ENOENT.*\n$/);
  });

  test.each([
    [[], 'key, archive: got neither of them, takes exactly one'],
    [['--key', 'k', '--archive', 'a'], 'key, archive: got both, takes exactly one'],
    [
      ['--key', '../../other/entry'],
      '--key: got “../../other/entry”, takes the cache-key that the check gave as its output',
    ],
    [['--key', 'k', '--on-miss', 'ignore'], '--on-miss: got “ignore”, takes fail or continue'],
  ])('%j is refused', async (argv, sentence) => {
    const { code, stderr } = await machine().ask({}, 'restore', ...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`exitproof: ${sentence}\n`);
  });
});

test('restore ends at once where it is cancelled, says so, and leaves nothing', async () => {
  const home = temporaryFolder('machine');
  const marker = join(home, 'asked');
  const silent = join(home, 'python');
  writeFileSync(silent, `#!/bin/sh\n: > ${marker}\nexec sleep 600\n`, { mode: 0o755 });
  let looking: NodeJS.Timeout | undefined;
  const argv = ['restore', '--key', KEY, '--python', silent, '--json'];
  // An empty variable is none: it must not put the work folder here.
  const env = { XDG_CACHE_HOME: home, RUNNER_TEMP: '', TMPDIR: join(home, 'tmp') };
  mkdirSync(env.TMPDIR);
  const { code, stdout } = await cli(argv, home, env, (pid) => {
    looking = setInterval(() => {
      if (!existsSync(marker)) return;
      clearInterval(looking);
      process.kill(pid, 'SIGTERM');
    }, 20);
  });
  clearInterval(looking);
  expect(code).toBe(143);
  expect(JSON.parse(stdout)).toMatchObject({ result: 'cancelled', reason: 'by SIGTERM', path: null });
  expect([readdirSync(home).sort(), readdirSync(env.TMPDIR)]).toEqual([['asked', 'python', 'tmp'], []]);
});

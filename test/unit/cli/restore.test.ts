import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeze } from '../../../src/layout/freeze.ts';
import { baseInterpreter } from '../../../src/layout/interpreter.ts';
import { anyPython } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { INFO, manifestOf, plant } from '../layout/tree.ts';
import { cli } from './source.ts';

const PYTHON = anyPython() ?? '';
const KEY = 'exitproof-layout-1-tool-abc';

/** A machine of its own, by its cache: the folder, and the CLI in it. */
function machine() {
  const home = temporaryFolder('machine');
  const layouts = join(home, 'exitproof', 'layouts');
  return { home, layouts, ask: (...argv: string[]) => cli(argv, home, { XDG_CACHE_HOME: home }) };
}

/** The same with one checked layout under `KEY`. */
async function machineWithLayout() {
  const { home, layouts, ask } = machine();
  const folder = join(temporaryFolder('built'), 'layout');
  const interpreter = await baseInterpreter(PYTHON);
  plant(folder, { files: [], binaries: [], links: [], empty: [] }, interpreter);
  const { version, implementation, soabi } = interpreter;
  const info = { ...INFO, commit: 'c0ffee', interpreter: { version, implementation, soabi } };
  const layout = { info, manifest: await manifestOf(folder) };
  await freeze({ folder, layout, artifact: null, record: {}, file: join(layouts, `${KEY}.tar`) });
  return { home, ask, version };
}

describe.skipIf(PYTHON === '')('exitproof restore', () => {
  test('puts a layout in place by its key, and says what it is', async () => {
    const { home, ask } = await machineWithLayout();
    const { code, stdout, stderr } = await ask('restore', '--key', KEY, '--path', 'app', '--python', PYTHON);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('\nchecked: passed, commit c0ffee\n');
    expect(stdout).toContain(`\npath: ${home}/app\nexecutable: ${home}/app/bin/tool\n`);
    expect(existsSync(join(home, 'app', 'bin', 'tool'))).toBe(true);
  });

  test('prints with --json the result alone on stdout', async () => {
    const { home, ask, version } = await machineWithLayout();
    const { code, stdout } = await ask('restore', '--key', KEY, '--python', PYTHON, '--json');
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
    expect(await ask('restore', '--key', KEY, '--python', PYTHON, '--quiet')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'exitproof: nothing restored: miss: no entry has this key\n',
    });
    const goneOn = await ask('restore', '--key', KEY, '--python', PYTHON, '--on-miss', 'continue');
    expect(goneOn).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(home, '.exitproof'))).toBe(false);
  });

  test('says once that nothing has the key, and where it looked', async () => {
    const { layouts, ask } = machine();
    const { stdout, stderr } = await ask('restore', '--key', KEY, '--python', PYTHON);
    expect(stdout).toContain(`  looking in ${layouts}\n`);
    expect(`${stdout}${stderr}`.match(/no entry has this key/g)).toHaveLength(1);
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
    const { code, stderr } = await machine().ask('restore', ...argv);
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

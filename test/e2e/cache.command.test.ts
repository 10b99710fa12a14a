import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, testEnvironment } from '../support/cli.ts';
import { temporaryFolder } from '../support/tmp.ts';

const MIB = 2 ** 20;
const FILES = {
  'layouts/KEY.tar': 3 * MIB,
  'built/exitproof-wheels.tar': MIB,
  'wheels/aa/six-1-py3-none-any.whl': MIB,
  'resolved/one.json': 100,
  'tools/pip-1/pip/__main__.py': 2 * MIB,
  'build-environments/one/bin/python': 100,
  'pex-root/unpacked/file': 100,
};

function user() {
  const home = temporaryFolder('user');
  const cache = join(home, 'exitproof');
  for (const [path, size] of Object.entries(FILES)) {
    const full = join(cache, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, Buffer.alloc(size));
    const time = Date.now() / 1000 - 3 * 86_400;
    for (let at = full; at !== cache; at = dirname(at)) utimesSync(at, time, time);
  }
  const command = async (...args: readonly string[]) =>
    runCli(['cache', ...args], { cwd: home, env: testEnvironment({ XDG_CACHE_HOME: home }) });
  return { home, cache, command };
}

describe('the folder of what is kept', () => {
  test('is shown: each sort with its room and limits, and the keys that can be restored', async () => {
    const { cache, command } = user();
    const { code, stdout } = await command('info');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(cache);
    expect(stdout).toMatch(
      /^layouts +1 entry, 3\.0 MiB of 5\.0 GiB, 90 days\n +3\.0 MiB +used 3 days ago +KEY$/m,
    );
    expect(stdout).toMatch(/^tools +1 entry, 2\.0 MiB of 2\.0 GiB, 30 days$/m);
    for (const name of ['built', 'wheels', 'resolved', 'pex-root', 'build-environments']) {
      expect(stdout).toMatch(new RegExp(`^${name} +1 entry`, 'm'));
    }
    expect(stdout).toMatch(/^7\.0 MiB in all$/m);
    expect((await command('info', '--verbose')).stdout).toMatch(/used 3 days ago +pip-1$/m);
    const { kept, total } = JSON.parse((await command('info', '--json')).stdout);
    expect(total).toBe(7 * MIB + 300);
    expect(kept[0]).toMatchObject({
      name: 'layouts',
      days: 90,
      entries: [{ name: 'KEY.tar', size: 3 * MIB }],
    });
  });

  test('is emptied, and says of what', async () => {
    const { cache, command } = user();
    const { code, stdout } = await command('clear');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^removed 7\.0 MiB$/m);
    for (const name of ['layouts', 'built', 'wheels', 'resolved', 'tools', 'build-environments']) {
      expect(readdirSync(join(cache, name))).toEqual([]);
    }
    expect(existsSync(join(cache, 'pex-root'))).toBe(false);
    expect((await command('info')).stdout).toMatch(/^0\.0 MiB in all$/m);
  });

  test('that can not be is told in a sentence and a way out', async () => {
    const { home, cache, command } = user();
    await command('clear');
    const file = join(home, 'file');
    writeFileSync(file, '');
    const env = testEnvironment({ XDG_CACHE_HOME: file });
    const ended = await runCli(['cache', 'info'], { cwd: home, env });
    expect(ended.code, ended.stderr).toBe(2);
    expect(ended.stderr).toMatch(
      /^exitproof: the folder for tools and caches can't be made: .*\n.*XDG_CACHE_HOME.*\n$/,
    );
    expect(existsSync(cache)).toBe(true);
  });
});

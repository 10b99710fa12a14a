import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, testEnvironment } from '../support/cli.ts';
import { checkoutOf } from '../support/fixtures.ts';
import { example } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

test('what lies in output is what the last report tells of', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const cwd = checkoutOf(example('uploader'));
  const env = testEnvironment({ XDG_CACHE_HOME: temporaryFolder('cache') });
  const check = async (...args: string[]) => {
    const { code, stderr } = await runCli(['check', '--python', python, ...args], { cwd, env });
    return { code, stderr, out: readdirSync(join(cwd, '.exitproof/out')).sort() };
  };
  const passing = ['--smoke=--help', '--archive', 'tar.gz'];
  const archived = ['layout', 'report.json', 'uploader.pex', 'uploader.tar.gz', 'uploader.tar.gz.sha256'];

  const first = await check(...passing);
  expect(first, first.stderr).toMatchObject({ code: 0, out: archived });
  expect(await check('--builder', 'none')).toMatchObject({ code: 2, out: archived });
  expect(await check('--entry-point', 'no-such-script')).toMatchObject({ code: 2, out: archived });
  expect(await check(...passing)).toMatchObject({ code: 0, out: archived });

  const stalled = await check();
  expect(stalled.code, stalled.stderr).toBe(1);
  expect(stalled.out).toEqual(['layout', 'report.json', 'stacks.txt', 'uploader.pex']);

  const another = await check('--smoke=--help', '--builder', 'zipapp', '--archive', 'zip');
  expect(another.code, another.stderr).toBe(0);
  expect(another.out).toEqual([
    'layout',
    'report.json',
    'uploader.pyz',
    'uploader.zip',
    'uploader.zip.sha256',
  ]);

  rmSync(join(cwd, 'src'), { recursive: true });
  const broken = await check();
  expect(broken.code, broken.stderr).toBe(3);
  expect(broken.out).toEqual(['layout', 'report.json']);
});

const THROWS = "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('thrown%20late')})";

test('where exitproof itself breaks, also no report of an earlier job lies there', async () => {
  const cwd = temporaryFolder('broken');
  const marker = join(cwd, 'running');
  const program = (name: string, line: string): string => {
    writeFileSync(join(cwd, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    return join(cwd, name);
  };
  const report = join(cwd, '.exitproof/out/report.json');
  const quick = await runCli(['check', '--executable', program('quick', 'exit 0')], { cwd });
  expect(quick.code, quick.stderr).toBe(0);
  expect(existsSync(report)).toBe(true);
  let looking: NodeJS.Timeout | undefined;
  const { code, stderr } = await runCli(
    ['check', '--executable', program('waits', `: > '${marker}'; exec sleep 300`)],
    {
      cwd,
      env: testEnvironment({ NODE_OPTIONS: `--import=${THROWS}` }),
      onSpawn: (pid) => {
        looking = setInterval(() => {
          if (!existsSync(marker)) return;
          clearInterval(looking);
          process.kill(pid, 'SIGUSR2');
        }, 5);
      },
    },
  );
  clearInterval(looking);
  expect(code, stderr).toBe(4);
  expect(existsSync(report)).toBe(false);
});

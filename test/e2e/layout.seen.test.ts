import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCheck } from '../support/checking.ts';
import { example, inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

test('a check remembers the layout that it leaves, and the next one finds a byte that was changed behind its back', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const root = temporaryFolder('seen');
  const project = join(root, 'project');
  cpSync(example('greeter'), project, { recursive: true, filter: (path) => !path.includes('.exitproof') });
  const home = join(root, 'home');
  const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
  mkdirSync(tools, { recursive: true });
  mkdirSync(join(home, 'exitproof'), { recursive: true });
  symlinkSync(tools, join(home, 'exitproof', 'tools'));
  const check = async (cache: string) => {
    const args = ['--python', python, '--cache', cache, '--smoke=--help'];
    const { code, output, report } = await runCheck(project, args, { XDG_CACHE_HOME: home });
    expect(code, output).toBe(0);
    return report.cache?.result;
  };
  const seen = join(home, 'exitproof', 'seen');

  expect(await check('off')).toBe('off');
  expect(existsSync(seen)).toBe(false);

  expect(await check('on')).toBe('miss');
  const [memory = ''] = readdirSync(seen);
  const layout = join(project, '.exitproof/out/layout');
  expect(JSON.parse(readFileSync(join(seen, memory), 'utf8').split('\n')[1] ?? '')).toMatchObject({
    folder: layout,
    paths: expect.stringMatching(/\.py$/m),
  });

  const [name = ''] = readdirSync(join(layout, 'lib'));
  const packages = join(layout, 'lib', name, 'site-packages');
  const file = join(packages, 'greeter', '__init__.py');
  const { ino } = lstatSync(join(layout, 'pyvenv.cfg'));
  expect(await check('on')).toBe('hit');
  expect(lstatSync(join(layout, 'pyvenv.cfg')).ino).toBe(ino);

  const bytes = readFileSync(file);
  const { mtimeNs } = lstatSync(file, { bigint: true });
  execFileSync('cp', ['-p', file, join(root, 'times')]);
  writeFileSync(
    file,
    bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)),
  );
  execFileSync('touch', ['-r', join(root, 'times'), file]);
  expect(lstatSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);
  expect(await check('on')).toBe('hit');
  expect(readFileSync(file)).toEqual(bytes);
  expect(lstatSync(join(layout, 'pyvenv.cfg')).ino).not.toBe(ino);

  rmSync(seen, { recursive: true });
  expect(await check('read')).toBe('hit');
  expect(existsSync(seen)).toBe(false);
});

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { freeze } from '../../../src/layout/frozen/freeze.ts';
import { thaw } from '../../../src/layout/frozen/thaw.ts';
import { LAYOUT_FILE, seal } from '../../../src/layout/manifest.ts';
import { clockAt, hasSettled, stampOf } from '../../../src/layout/memory/stamp.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, layoutOf, OTHER, plant, snapshot, type Tree } from './tree.ts';

const TREE: Tree = {
  files: [{ path: 'lib/run.py', mode: 0o644, pieces: ['root = "', { place: 'layout' }, '"\n'] }],
  binaries: [{ path: 'lib/native.so', bytes: Uint8Array.from([0, 1, 2]) }],
  links: [],
  empty: ['empty'],
};

/** A layout that an earlier job has thawed, the file that it came from, and one that it was made of. */
async function thawed(remembers: boolean) {
  const root = temporaryFolder('in-place');
  const here = join(root, 'layout');
  const file = join(root, 'layout.tar');
  plant(here, TREE, BASE);
  const made = join(root, 'program.pex');
  writeFileSync(made, 'program');
  chmodSync(made, 0o755);
  const sha256 = createHash('sha256').update('program').digest('hex');
  const plain = await layoutOf(here);
  const layout = { ...plain, info: { ...plain.info, artifact: { name: 'program.pex', sha256 } } };
  mkdirSync(join(here, '.exitproof'));
  writeFileSync(join(here, LAYOUT_FILE), seal(layout));
  await freeze({ folder: here, layout, artifact: made, record: { n: 1 }, file });
  const memory = remembers ? { env: { XDG_CACHE_HOME: join(root, 'cache') }, write: true } : null;
  const options = { file, form: 'cache', destination: here, artifact: made, mayStay: true, memory } as const;
  const again = (interpreter = BASE) => thaw({ ...options, interpreter });
  const paths = [made, ...['lib/native.so', 'pyvenv.cfg'].map((path) => join(here, path))];
  while (!paths.every((path) => hasSettled(stampOf(path), clockAt(join(root, 'clock')))))
    await setTimeout(10);
  if (remembers) await again();
  return { here, made, file, again, before: snapshot(here) };
}

describe.each([
  ['reads all of it', false],
  ['remembers it', true],
])('a layout that lies in its place already, for a job that %s,', (_, remembers) => {
  test('stays as it is, and the rest of the file is not read', async () => {
    const { here, file, again, before } = await thawed(remembers);
    const { ino } = lstatSync(join(here, 'lib/native.so'));
    truncateSync(file, lstatSync(file).size - 2048);
    expect(await again()).toMatchObject({ kind: 'thawed', folder: here, record: { n: 1 } });
    expect(snapshot(here)).toEqual(before);
    expect(lstatSync(join(here, 'lib/native.so')).ino).toBe(ino);
  });

  test.each<[string, (here: string) => void]>([
    ['a changed byte', (here) => writeFileSync(join(here, 'lib/native.so'), Uint8Array.from([0, 1, 3]))],
    ['another path in a script', (here) => writeFileSync(join(here, 'lib/run.py'), 'root = "/elsewhere"\n')],
    ['a file more', (here) => writeFileSync(join(here, 'lib/more.py'), '')],
    ['a file less', (here) => rmSync(join(here, 'lib/run.py'))],
    ['another mode', (here) => chmodSync(join(here, 'lib/native.so'), 0o600)],
    [
      'a link for a folder',
      (here) => {
        rmSync(join(here, 'empty'), { recursive: true });
        symlinkSync('lib', join(here, 'empty'));
      },
    ],
    ['another manifest', (here) => appendFileSync(join(here, LAYOUT_FILE), '\n')],
    ['a file beside the manifest', (here) => writeFileSync(join(here, '.exitproof', 'relocate'), '')],
  ])('is thawed anew after %s', async (_, change) => {
    const { here, again, before } = await thawed(remembers);
    change(here);
    expect(await again()).toMatchObject({ kind: 'thawed' });
    expect(snapshot(here)).toEqual(before);
    expect(readdirSync(join(here, '.exitproof'))).toEqual(['layout.json']);
  });

  test.each<[string, (made: string) => void]>([
    ['another byte', (made) => writeFileSync(made, 'Program')],
    ['another mode', (made) => chmodSync(made, 0o700)],
    ['nothing', (made) => rmSync(made)],
  ])('is thawed anew where what it was made of is %s', async (_, change) => {
    const { made, again } = await thawed(remembers);
    change(made);
    expect(await again()).toMatchObject({ kind: 'thawed', artifact: made });
    expect(readFileSync(made, 'utf8')).toBe('program');
    expect(lstatSync(made).mode & 0o777).toBe(0o755);
  });

  test('is thawed anew for another interpreter', async () => {
    const { here, again, before } = await thawed(remembers);
    expect(await again(OTHER)).toMatchObject({ kind: 'thawed' });
    expect(snapshot(here)).not.toEqual(before);
  });
});

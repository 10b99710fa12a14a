import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeze } from '../../../src/layout/freeze.ts';
import { LAYOUT_FILE, seal } from '../../../src/layout/manifest.ts';
import { thaw } from '../../../src/layout/thaw.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, layoutOf, OTHER, plant, snapshot, type Tree } from './tree.ts';

const TREE: Tree = {
  files: [{ path: 'lib/run.py', mode: 0o644, pieces: ['root = "', { place: 'layout' }, '"\n'] }],
  binaries: [{ path: 'lib/native.so', bytes: Uint8Array.from([0, 1, 2]) }],
  links: [],
  empty: ['empty'],
};

/** A layout that an earlier job has thawed, and the file that it came from. */
async function thawed() {
  const root = temporaryFolder('in-place');
  const here = join(root, 'layout');
  const file = join(root, 'layout.tar');
  plant(here, TREE, BASE);
  const layout = await layoutOf(here);
  mkdirSync(join(here, '.exitproof'));
  writeFileSync(join(here, LAYOUT_FILE), seal(layout));
  await freeze({ folder: here, layout, artifact: null, record: { n: 1 }, file });
  const again = (interpreter = BASE) =>
    thaw({ file, form: 'cache', destination: here, interpreter, artifact: null, mayStay: true });
  return { here, file, again, before: snapshot(here) };
}

describe('a layout that lies in its place already', () => {
  test('stays as it is, and the rest of the file is not read', async () => {
    const { here, file, again, before } = await thawed();
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
    const { here, again, before } = await thawed();
    change(here);
    expect(await again()).toMatchObject({ kind: 'thawed' });
    expect(snapshot(here)).toEqual(before);
    expect(readdirSync(join(here, '.exitproof'))).toEqual(['layout.json']);
  });

  test('is thawed anew for another interpreter', async () => {
    const { here, again, before } = await thawed();
    expect(await again(OTHER)).toMatchObject({ kind: 'thawed' });
    expect(snapshot(here)).not.toEqual(before);
  });
});

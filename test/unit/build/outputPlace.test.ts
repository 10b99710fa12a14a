import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseOutput } from '../../../src/build/outputPlace.ts';
import { placeFile } from '../../../src/layout/oneFile.ts';
import { temporaryFolder } from '../../support/tmp.ts';

test('an output that can be made, or is there, is taken, and nothing is made yet', () => {
  const root = temporaryFolder('output');
  for (const path of ['', 'new', 'new/deeper']) refuseOutput(join(root, path));
  expect(existsSync(join(root, 'new'))).toBe(false);
});

test.each(['file', 'file/below', 'link/below/more', 'dangling', 'dangling/below'])(
  '%s, where a file or a broken link is in the way, is one sentence',
  (path) => {
    const root = temporaryFolder('output');
    writeFileSync(join(root, 'file'), '');
    symlinkSync('file', join(root, 'link'));
    symlinkSync('nowhere', join(root, 'dangling'));
    const inTheWay = join(root, path.split('/')[0] ?? '');
    expect(() => refuseOutput(join(root, path))).toThrow(
      `output: got “${join(root, path)}”, but ${inTheWay} is no folder, takes a folder that can be written to`,
    );
  },
);

test('a folder of the user is not removed for the file that is built', async () => {
  const root = temporaryFolder('output');
  writeFileSync(join(root, 'built'), 'built');
  mkdirSync(join(root, 'app.pyz'));
  writeFileSync(join(root, 'app.pyz', 'mine'), '');
  const placed = placeFile(join(root, 'built'), join(root, 'app.pyz'));
  await expect(placed).rejects.toThrow(/app\.pyz is a folder/);
  expect(existsSync(join(root, 'app.pyz', 'mine'))).toBe(true);
  await placeFile(join(root, 'built'), join(root, 'other.pyz'));
  await placeFile(join(root, 'built'), join(root, 'other.pyz'));
  expect(readFileSync(join(root, 'other.pyz'), 'utf8')).toBe('built');
});

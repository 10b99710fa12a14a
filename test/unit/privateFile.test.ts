import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPrivate, writePrivate } from '../../src/privateFile.ts';
import { temporaryFolder } from '../support/tmp.ts';

async function written(): Promise<{ folder: string; file: string }> {
  const folder = join(temporaryFolder('private'), 'folder');
  const file = join(folder, 'file');
  await writePrivate(file, 'text');
  return { folder, file };
}

describe('a private file', () => {
  it('is read as it was written, and replaced as a whole', async () => {
    const { folder, file } = await written();
    expect(readPrivate(file)).toEqual(Buffer.from('text'));
    await writePrivate(file, [Buffer.from('oth'), Buffer.from('er')]);
    expect(readPrivate(file)).toEqual(Buffer.from('other'));
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it("is nobody else's to read or write, nor is its folder", async () => {
    const { folder, file } = await written();
    expect(lstatSync(file).mode & 0o777).toBe(0o600);
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  });

  it.each<[string, (file: string) => void]>([
    ['is missing', (file) => rmSync(file)],
    ['can be written to by its group', (file) => chmodSync(file, 0o620)],
    ['can be written to by everybody', (file) => chmodSync(file, 0o602)],
    [
      'is a link',
      (file) => {
        renameSync(file, `${file}.x`);
        symlinkSync(`${file}.x`, file);
      },
    ],
    [
      'is a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    [
      'is a FIFO that nobody writes to',
      (file) => {
        rmSync(file);
        execFileSync('mkfifo', ['-m', '600', file]);
      },
    ],
  ])('is none where it %s', async (_, spoil) => {
    const { file } = await written();
    spoil(file);
    expect(readPrivate(file)).toBeNull();
  });

  it('that can’t take its name leaves nothing behind', async () => {
    const { folder, file } = await written();
    rmSync(file);
    mkdirSync(file);
    await expect(writePrivate(file, 'text')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openMemory } from '../../../src/layout/memory/memory.ts';
import { clockAt, stampOf } from '../../../src/layout/memory/stamp.ts';
import { need } from '../../support/skips.ts';
import { forge, PLAIN, rewrite, seen, settled, TREE, verified } from './seen.ts';
import { BASE, manifestOf, plant } from './tree.ts';

describe('what is remembered', () => {
  test("is nobody else's to read or write, and lies in one file", async () => {
    const { memories, file } = await seen();
    expect(lstatSync(memories).mode & 0o777).toBe(0o700);
    expect(lstatSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(memories)).toHaveLength(1);
  });

  test('is nothing where nothing may be written, or nothing at all is asked for', async () => {
    const { folder, manifest, place, memories } = await seen();
    rmSync(memories, { recursive: true });
    expect((await verified(folder, manifest, { ...place, write: false })).read).toEqual(PLAIN);
    expect((await verified(folder, manifest, null)).read).toEqual(PLAIN);
    expect(existsSync(memories)).toBe(false);
  });

  test('is no file that changed in the tick of the clock in which the job began to look, nor later', async () => {
    const { root, folder, place } = await seen();
    const memory = openMemory(folder, place);
    const stamp = stampOf(join(folder, 'lib/one.txt'));
    const now = { ...stamp, ctime: clockAt(join(root, 'clock')) };
    memory.learn('now', now, '0'.repeat(64));
    memory.learn('then', stamp, '1'.repeat(64));
    await memory.keep();
    const next = openMemory(folder, place);
    expect(next.recall('now', now)).toBe(null);
    expect(next.recall('then', stamp)).toBe('1'.repeat(64));
  });

  test('is no file of another file system, and none whose inode is no exact number', async () => {
    const { folder, place } = await seen();
    const memory = openMemory(folder, place);
    const stamp = stampOf(join(folder, 'lib/one.txt'));
    const mounted = { ...stamp, device: stamp.device + 1 };
    const large = { ...stamp, inode: 2 ** 60 };
    memory.learn('mounted', mounted, '0'.repeat(64));
    memory.learn('large', large, '0'.repeat(64));
    await memory.keep();
    const next = openMemory(folder, place);
    expect(next.recall('mounted', mounted)).toBe(null);
    expect(next.recall('mounted', stamp)).toBe(null);
    expect(next.recall('large', large)).toBe(null);
  });

  test('is nothing of a tree on a file system that is not known to keep the time of each change', async (context) => {
    const { root, place } = await seen();
    const disk = join(root, 'disk');
    mkdirSync(disk);
    const { status } = spawnSync('mount', ['-t', 'ramfs', 'none', disk]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', disk]));
    const folder = join(need(context, 'the right to mount', status === 0 ? disk : null), 'layout');
    plant(folder, TREE, BASE);
    const manifest = await manifestOf(folder);
    await settled(folder, join(disk, 'clock'));
    expect((await verified(folder, manifest, place)).read).toEqual(PLAIN);
    expect((await verified(folder, manifest, place)).read).toEqual(PLAIN);
  });
});

describe('a memory that is not what was written', () => {
  test.each<[string, (file: string) => void]>([
    ['gone', (file) => rmSync(file)],
    ['empty', (file) => writeFileSync(file, '')],
    ['cut', (file) => truncateSync(file, lstatSync(file).size - 10)],
    [
      'with a flipped byte',
      (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
    [
      'of another version',
      (file) =>
        forge(file, (written) => {
          written['format'] = 2;
        }),
    ],
    [
      'of another disk',
      (file) =>
        forge(file, (written) => {
          written['device'] = 1;
        }),
    ],
    [
      'of another folder',
      (file) =>
        forge(file, (written) => {
          written['folder'] = '/elsewhere';
        }),
    ],
    [
      'with one hash less',
      (file) =>
        forge(file, (written) => {
          written['sha256'] = String(written['sha256']).slice(0, 40);
        }),
    ],
    ['of another kind', (file) => forge(file, (written) => Object.assign(written, { paths: 3 }))],
    ['one that others may write to', (file) => chmodSync(file, 0o620)],
    [
      'a link',
      (file) => {
        renameSync(file, `${file}.x`);
        symlinkSync(`${file}.x`, file);
      },
    ],
    [
      'a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('is none: %s', async (_, spoil) => {
    const { folder, manifest, place, file } = await seen();
    spoil(file);
    const readOnly = place === null ? null : { ...place, write: false };
    expect(await verified(folder, manifest, readOnly)).toEqual({ ok: true, read: PLAIN });
    rewrite(join(folder, 'lib/two.txt'));
    expect(await verified(folder, manifest, place)).toMatchObject({ ok: false });
  });

  test('is written anew', async () => {
    const { folder, manifest, place, file } = await seen();
    writeFileSync(file, 'x');
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: PLAIN });
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: [] });
  });
});

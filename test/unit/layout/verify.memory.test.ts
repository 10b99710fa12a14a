import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newMemory, openMemory } from '../../../src/layout/memory/memory.ts';
import { clockAt, stampOf } from '../../../src/layout/memory/stamp.ts';
import { remember } from '../../../src/layout/verify.ts';
import { forge, PLAIN, rewrite, seen, settled, verified } from './seen.ts';

describe('a tree that was seen before', () => {
  test('is read at first, and not again', async () => {
    const { folder, manifest, place, first } = await seen();
    expect(first).toEqual({ ok: true, read: PLAIN });
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: [] });
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: [] });
  });

  test('is known from what somebody else has read, too', async () => {
    const { folder, manifest, place, memories } = await seen();
    rmSync(memories, { recursive: true });
    await remember(folder, manifest, openMemory(folder, place));
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: [] });
  });

  test('is known from the job that wrote it, but for what it wrote last', async () => {
    const { root, folder, manifest, place } = await seen();
    const part = join(root, 'part');
    renameSync(folder, part);
    writeFileSync(join(part, 'lib/two.txt'), 'two one\n');
    const memory = newMemory(folder, part, place);
    const late = { ...stampOf(join(part, 'lib/two.txt')), ctime: clockAt(join(root, 'clock')) };
    for (const entry of manifest) {
      if (entry.kind !== 'file' || entry.tokens) continue;
      const isLate = entry.path === 'lib/two.txt';
      memory.learn(entry.path, isLate ? late : stampOf(join(part, entry.path)), entry.sha256);
    }
    renameSync(part, folder);
    await memory.keep();
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: ['lib/two.txt'] });
  });

  test.each<[string, (folder: string) => void, string]>([
    [
      'a flipped byte and the old times',
      (at) => rewrite(join(at, 'lib/one.txt')),
      'lib/one.txt has other content',
    ],
    [
      'another file of the same size and times',
      (at) => {
        execFileSync('cp', ['-a', join(at, 'lib/one.txt'), join(at, 'lib/other')]);
        rewrite(join(at, 'lib/other'));
        renameSync(join(at, 'lib/other'), join(at, 'lib/one.txt'));
      },
      'lib/one.txt has other content',
    ],
    [
      'two files that changed places',
      (at) => {
        renameSync(join(at, 'lib/one.txt'), join(at, 'x'));
        renameSync(join(at, 'lib/two.txt'), join(at, 'lib/one.txt'));
        renameSync(join(at, 'x'), join(at, 'lib/two.txt'));
      },
      'lib/one.txt has other content',
    ],
    ['another mode', (at) => chmodSync(join(at, 'lib/native.so'), 0o700), 'lib/native.so has the mode 700'],
    ['another mode of a folder', (at) => chmodSync(join(at, 'empty'), 0o700), 'empty has the mode 700'],
    ['a file more', (at) => writeFileSync(join(at, 'lib/more'), ''), 'lib/more was added'],
    ['a file less', (at) => rmSync(join(at, 'lib/two.txt')), 'lib/two.txt is missing'],
    [
      'a link to the same bytes',
      (at) => {
        renameSync(join(at, 'lib/two.txt'), join(at, '..', 'two.txt'));
        symlinkSync('../../two.txt', join(at, 'lib/two.txt'));
      },
      'lib/two.txt: it links to ../../two.txt',
    ],
    [
      'a link to another folder',
      (at) => {
        rmSync(join(at, 'empty'), { recursive: true });
        symlinkSync('lib', join(at, 'empty'));
      },
      'empty is no directory any more',
    ],
    [
      'another path in a script',
      (at) => writeFileSync(join(at, 'lib/run.py'), 'root = "/x"\n'),
      'lib/run.py',
    ],
  ])('is another one after %s', async (_, change, reason) => {
    const { folder, manifest, place } = await seen();
    change(folder);
    const outcome = await verified(folder, manifest, place);
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('is another one each time that it is looked at', async () => {
    const { root, folder, manifest, place } = await seen();
    rewrite(join(folder, 'lib/one.txt'));
    await settled(folder, join(root, 'clock'));
    const reason = 'lib/one.txt has other content';
    expect(await verified(folder, manifest, place)).toEqual({ ok: false, reason, read: ['lib/one.txt'] });
    expect(await verified(folder, manifest, place)).toEqual({ ok: false, reason, read: [] });
  });

  test('is another one for another manifest', async () => {
    const { folder, manifest, place } = await seen();
    const others = manifest.map((entry) =>
      entry.path === 'lib/one.txt' && entry.kind === 'file' ? { ...entry, sha256: '0'.repeat(64) } : entry,
    );
    const reason = 'lib/one.txt has other content';
    expect(await verified(folder, others, place)).toEqual({ ok: false, reason, read: [] });
  });

  test('is read where it was copied to', async () => {
    const { root, folder, manifest, place, file, memories } = await seen();
    const other = join(root, 'other');
    execFileSync('cp', ['-a', folder, other]);
    const plain = manifest.filter(({ path }) => PLAIN.includes(path) || path === 'lib' || path === 'empty');
    const ofOther = async () => (await verified(other, plain, place)).read;
    expect(await ofOther()).toEqual(PLAIN);
    // Even if somebody copies the memory with it.
    const name = `${createHash('sha256').update(other).digest('hex')}.json`;
    copyFileSync(file, join(memories, name));
    forge(join(memories, name), (written) => {
      written['folder'] = other;
    });
    expect(await ofOther()).toEqual(PLAIN);
  });

  test('is read again where it is touched, and then known', async () => {
    const { root, folder, manifest, place } = await seen();
    utimesSync(join(folder, 'lib/one.txt'), 1_100_000_000, 1_100_000_000);
    await settled(folder, join(root, 'clock'));
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: ['lib/one.txt'] });
    expect(await verified(folder, manifest, place)).toEqual({ ok: true, read: [] });
  });
});

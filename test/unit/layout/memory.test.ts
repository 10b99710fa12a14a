import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../../src/layout/manifest.ts';
import { type Memory, newMemory, openMemory } from '../../../src/layout/memory/memory.ts';
import { clockAt, hasSettled, isSame, stampOf } from '../../../src/layout/memory/stamp.ts';
import { intactFiles, remember, verify } from '../../../src/layout/verify.ts';
import type { CachePlace } from '../../../src/toolchain/paths.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, manifestOf, plant, type Tree } from './tree.ts';

const TREE: Tree = {
  files: [
    { path: 'lib/run.py', mode: 0o644, pieces: ['root = "', { place: 'layout' }, '"\n'] },
    { path: 'lib/one.txt', mode: 0o644, pieces: ['one two\n'] },
    { path: 'lib/two.txt', mode: 0o644, pieces: ['two one\n'] },
  ],
  binaries: [{ path: 'lib/native.so', bytes: Uint8Array.from([0, 1, 2]) }],
  links: [{ path: 'lib/link', target: '../pyvenv.cfg' }],
  empty: ['empty'],
};
/** Those without paths of this machine. */
const PLAIN = ['lib/native.so', 'lib/one.txt', 'lib/two.txt'];

/** Until whatever is written now gets another time than what the tree has. */
async function settled(folder: string, clock: string): Promise<void> {
  const stamps = PLAIN.map((path) => stampOf(join(folder, path)));
  while (!stamps.every((stamp) => hasSettled(stamp, clockAt(clock)))) await setTimeout(10);
}

/** Whether a tree is its manifest, and which files had to be read for it. */
async function verified(folder: string, manifest: Manifest, place: CachePlace | null) {
  const memory = openMemory(folder, place);
  const read: string[] = [];
  const watched: Memory = {
    ...memory,
    learn: (path, ...rest) => {
      read.push(path);
      memory.learn(path, ...rest);
    },
  };
  const outcome = await verify(folder, manifest, watched);
  await memory.keep();
  return { ...outcome, read };
}

/** A tree that was there long before it was verified, in a job that remembers it. */
async function seen() {
  const root = temporaryFolder('memory');
  const folder = join(root, 'layout');
  const place: CachePlace = { env: { XDG_CACHE_HOME: join(root, 'cache') }, write: true };
  plant(folder, TREE, BASE);
  for (const path of PLAIN) utimesSync(join(folder, path), 1_000_000_000, 1_000_000_000);
  const manifest = await manifestOf(folder);
  await settled(folder, join(root, 'clock'));
  const first = await verified(folder, manifest, place);
  const memories = join(root, 'cache', 'exitproof', 'seen');
  const [name = ''] = existsSync(memories) ? readdirSync(memories) : [];
  return { root, folder, place, manifest, first, memories, file: join(memories, name) };
}

/** As exitproof would have written it. */
function forge(file: string, change: (written: Record<string, unknown>) => void): void {
  const written = JSON.parse(readFileSync(file, 'utf8').split('\n')[1] ?? '') as Record<string, unknown>;
  change(written);
  const text = JSON.stringify(written);
  writeFileSync(file, `${createHash('sha256').update(text).digest('hex')}\n${text}`);
}

/** Other bytes of the same length, and the time that was there before. */
function rewrite(path: string): void {
  const { atimeMs, mtimeMs } = lstatSync(path);
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
}

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

describe('two looks at a file', () => {
  const STAMP = { device: 1, inode: 2, names: 1, size: 3, mode: 0o100644, mtime: 4, ctime: 5 };

  test('are the same where nothing differs', () => {
    expect(isSame(STAMP, { ...STAMP })).toBe(true);
  });

  test.each(Object.keys(STAMP))('are not where only this differs: %s', (key) => {
    expect(isSame(STAMP, { ...STAMP, [key]: 9 })).toBe(false);
  });
});

describe('files of an older tree that are those of a new manifest', () => {
  test.each([true, false])('are named, with a memory (%s) or by reading', async (isKnown) => {
    const { folder, manifest, place } = await seen();
    const wanted: Manifest = [
      ...manifest.map((entry) =>
        entry.path === 'lib/one.txt' && entry.kind === 'file' ? { ...entry, sha256: '0'.repeat(64) } : entry,
      ),
      { kind: 'file', path: 'new.txt', mode: 0o644, size: 0, sha256: '0'.repeat(64), tokens: false },
    ];
    writeFileSync(join(folder, 'more'), '');
    const all = manifest.flatMap(({ kind, path }) => (kind === 'file' ? [path] : []));
    const intact = () => intactFiles(folder, wanted, isKnown ? place.env : null);
    expect([...(await intact())]).toEqual(all.filter((path) => path !== 'lib/one.txt'));
    rewrite(join(folder, 'lib/two.txt'));
    chmodSync(join(folder, 'lib/native.so'), 0o700);
    const left = all.filter((path) => !PLAIN.includes(path));
    expect([...(await intact())]).toEqual(left);
  });

  test('are none below a link, wherever it leads', async () => {
    const { folder, manifest, place } = await seen();
    renameSync(join(folder, 'lib'), join(folder, 'moved'));
    symlinkSync('moved', join(folder, 'lib'));
    const intact = [...(await intactFiles(folder, manifest, place.env))];
    expect(intact).toEqual(['bin/tool', 'pyvenv.cfg']);
  });
});

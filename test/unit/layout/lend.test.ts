import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Lent, lendFile, lendLayout } from '../../../src/layout/lend/lend.ts';
import { lookOver, snapshot as stampsOf } from '../../../src/layout/lend/lookOver.ts';
import { LAYOUT_FILE } from '../../../src/layout/manifest.ts';
import { openMemory } from '../../../src/layout/memory/memory.ts';
import { clockAt, hasSettled, stampOf } from '../../../src/layout/memory/stamp.ts';
import { oneFileLayout } from '../../../src/layout/oneFile.ts';
import { placesOf } from '../../../src/layout/scan.ts';
import { verify } from '../../../src/layout/verify.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, manifestOf, plant, snapshot, type Tree } from './tree.ts';

const TREE: Tree = {
  files: [
    { path: 'lib/run.py', mode: 0o644, pieces: ['root = "', { place: 'layout' }, '"\n'] },
    { path: 'lib/data.txt', mode: 0o444, pieces: ['one two\n'] },
    { path: 'lib/more.txt', mode: 0o644, pieces: ['two one\n'] },
  ],
  binaries: [{ path: 'lib/native.so', bytes: Uint8Array.from([0, 1, 2]) }],
  links: [{ path: 'lib/link', target: '../pyvenv.cfg' }],
  empty: ['empty'],
};

/** A layout, lent; `changed` does something to it meanwhile. */
async function lend(place?: string) {
  const root = temporaryFolder('lend');
  const here = join(root, 'layout');
  plant(here, TREE, BASE);
  const manifest = await manifestOf(here);
  mkdirSync(join(here, '.exitproof'));
  writeFileSync(join(here, LAYOUT_FILE), 'sealed');
  const before = snapshot(here);
  const lent = await lendLayout({ folder: here, manifest }, place ?? join(root, 'away'));
  return { root, here, manifest, before, lent };
}

async function after(change: (folder: string, lent: Lent) => void) {
  const { here, manifest, before, lent } = await lend();
  change(lent.folder, lent);
  const back = await lent.giveBack();
  return { here, manifest, before, lent, back };
}

describe('a lent layout', () => {
  test('lies elsewhere with the paths of that place, and its own place is empty', async () => {
    const { here, lent } = await lend();
    expect(existsSync(here)).toBe(false);
    expect(readFileSync(join(lent.folder, 'lib/run.py'), 'utf8')).toBe(`root = ""${lent.folder}/"\n`);
    expect(readFileSync(join(lent.folder, 'bin/tool'), 'utf8')).toContain(`#!${lent.folder}/bin/python`);
    expect(readFileSync(join(lent.folder, 'pyvenv.cfg'), 'utf8')).toContain(lent.folder);
    expect(existsSync(join(lent.folder, '.exitproof'))).toBe(false);
  });

  test.each<[string, (folder: string) => void, readonly string[]]>([
    ['nothing', () => {}, []],
    ['a new file', (at) => writeFileSync(join(at, 'lib/new'), ''), ['lib/new']],
    [
      'new folders',
      (at) => {
        mkdirSync(join(at, 'lib/__pycache__/deep'), { recursive: true });
        writeFileSync(join(at, 'lib/__pycache__/deep/x.pyc'), '');
      },
      ['lib/__pycache__', 'lib/__pycache__/deep', 'lib/__pycache__/deep/x.pyc'],
    ],
    ['a link to a folder outside', (at) => symlinkSync('/usr', join(at, 'usr')), ['usr']],
    ['another name of a file inside', (at) => linkSync(join(at, 'lib/more.txt'), join(at, 'twin')), ['twin']],
    ['a FIFO', (at) => execFileSync('mkfifo', [join(at, 'empty/fifo')]), ['empty/fifo']],
    ['a stamp as PEX leaves it', (at) => writeFileSync(join(at, '.last-access'), ''), ['.last-access']],
    [
      "a file in exitproof's own folder",
      (at) => {
        mkdirSync(join(at, '.exitproof'));
        writeFileSync(join(at, LAYOUT_FILE), 'forged');
      },
      ['.exitproof', LAYOUT_FILE],
    ],
    ['another mode of a file', (at) => chmodSync(join(at, 'lib/native.so'), 0o600), []],
    ['a file that runs as its owner', (at) => chmodSync(join(at, 'lib/native.so'), 0o4755), []],
    ['a file that nobody may read', (at) => chmodSync(join(at, 'lib/native.so'), 0), []],
    ['a folder that nobody may enter', (at) => chmodSync(join(at, 'lib'), 0), []],
    ['another mode of the layout itself', (at) => chmodSync(at, 0o700), []],
    [
      'the same bytes, written again',
      (at) => writeFileSync(join(at, 'lib/more.txt'), readFileSync(join(at, 'lib/more.txt'))),
      [],
    ],
    [
      'the same file, put there anew',
      (at) => {
        copyFileSync(join(at, 'lib/more.txt'), join(at, 'copy'));
        renameSync(join(at, 'copy'), join(at, 'lib/more.txt'));
      },
      [],
    ],
  ])('is what it was after %s', async (_, change, added) => {
    const { here, manifest, before, lent, back } = await after(change);
    expect(back).toEqual({ kind: 'whole', added });
    expect(snapshot(here)).toEqual(before);
    expect(await verify(here, manifest)).toEqual({ ok: true });
    expect(statSync(here).mode & 0o7777).toBe(0o755);
    expect(statSync(join(here, 'lib/native.so')).mode & 0o7777).toBe(0o755);
    expect(readdirSync(join(here, '.exitproof'))).toEqual(['layout.json']);
    expect(readFileSync(join(here, LAYOUT_FILE), 'utf8')).toBe('sealed');
    expect(existsSync(join(here, '.last-access'))).toBe(false);
    expect(existsSync(lent.folder)).toBe(false);
  });

  test.each<[string, (folder: string, lent: Lent) => void, string]>([
    [
      'a changed byte',
      (at) => writeFileSync(join(at, 'lib/more.txt'), 'two onE\n'),
      'lib/more.txt has other',
    ],
    [
      'a longer file',
      (at) => appendFileSync(join(at, 'lib/native.so'), 'x'),
      'lib/native.so has other content',
    ],
    ['a changed script', (at) => appendFileSync(join(at, 'bin/tool'), '#'), 'bin/tool has other content'],
    [
      'the paths of another place in a script',
      (at) => writeFileSync(join(at, 'lib/run.py'), 'root = "/elsewhere"\n'),
      'lib/run.py has other content',
    ],
    ['a missing file', (at) => unlinkSync(join(at, 'lib/native.so')), 'lib/native.so is missing'],
    ['a missing folder', (at) => rmSync(join(at, 'empty'), { recursive: true }), 'empty is missing'],
    [
      'a link in the place of a file',
      (at) => {
        renameSync(join(at, 'lib/more.txt'), join(at, 'x'));
        symlinkSync('../x', join(at, 'lib/more.txt'));
      },
      'lib/more.txt',
    ],
    [
      'a link in the place of a folder',
      (at) => {
        rmSync(join(at, 'empty'), { recursive: true });
        symlinkSync('lib', join(at, 'empty'));
      },
      'empty is no directory any more',
    ],
    [
      'a folder in the place of a file',
      (at) => {
        unlinkSync(join(at, 'lib/more.txt'));
        mkdirSync(join(at, 'lib/more.txt/sub'), { recursive: true });
      },
      'lib/more.txt is no file any more',
    ],
    [
      'a link that leads elsewhere',
      (at) => {
        unlinkSync(join(at, 'lib/link'));
        symlinkSync('../bin/tool', join(at, 'lib/link'));
      },
      'lib/link links elsewhere',
    ],
    [
      'another interpreter',
      (at) => {
        unlinkSync(join(at, 'bin/python3.12'));
        symlinkSync('/usr/bin/python3', join(at, 'bin/python3.12'));
      },
      'bin/python3.12',
    ],
    [
      'two files that changed places',
      (at) => {
        renameSync(join(at, 'lib/more.txt'), join(at, 'x'));
        renameSync(join(at, 'lib/data.txt'), join(at, 'lib/more.txt'));
        renameSync(join(at, 'x'), join(at, 'lib/data.txt'));
      },
      'has other content',
    ],
    [
      'another name of a file outside',
      (at) => linkSync(join(at, 'lib/more.txt'), join(at, '..', 'outside')),
      'lib/more.txt has got another name elsewhere',
    ],
    ['all of it removed', (at) => rmSync(at, { recursive: true }), 'ENOENT'],
  ])('is damaged by %s, and does not come back', async (_, change, reason) => {
    const { here, back } = await after(change);
    expect(back).toEqual({ kind: 'damaged', reason: expect.stringContaining(reason) });
    expect(existsSync(here)).toBe(false);
  });

  test('that lies on another file system is a copy, and stays as it is whatever is done to that', async (context) => {
    const shared = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(temporaryFolder('x')).dev;
    const other = mkdtempSync(
      join(need(context, 'a second file system', shared ? '/dev/shm' : null), 'lend-'),
    );
    onTestFinished(() => rmSync(other, { recursive: true }));
    const { here, before, lent } = await lend(join(other, 'away'));
    expect(lent.folder).toBe(join(other, 'away'));
    writeFileSync(join(lent.folder, 'lib/new.pyc'), '');
    rmSync(join(lent.folder, 'lib/native.so'));
    expect(await lent.giveBack()).toEqual({ kind: 'whole', added: ['lib/new.pyc'] });
    expect(snapshot(here)).toEqual(before);
  });

  test('is damaged by what was done to it between the look that found it whole and its lending', async () => {
    const root = temporaryFolder('lend');
    const here = join(root, 'layout');
    plant(here, TREE, BASE);
    const manifest = await manifestOf(here);
    const path = join(here, 'lib/more.txt');
    const settled = async () => {
      while (!hasSettled(stampOf(path), clockAt(join(root, 'clock')))) await setTimeout(10);
    };
    await settled();
    const memory = openMemory(here, { env: { XDG_CACHE_HOME: join(root, 'cache') }, write: false });
    expect(await verify(here, manifest, memory)).toEqual({ ok: true });
    expect(memory.seen('lib/more.txt')).toEqual(stampOf(path));
    writeFileSync(path, 'two onE\n');
    await settled();
    const lent = await lendLayout({ folder: here, manifest, memory }, join(root, 'away'));
    const reason = 'lib/more.txt has other content';
    expect(await lent.giveBack()).toEqual({ kind: 'damaged', reason });
  });

  test('of one file is looked at alone, whatever lies beside it', async () => {
    const root = temporaryFolder('lend-file');
    const file = join(root, 'tool.pyz');
    writeFileSync(file, 'bytes');
    const { folder, manifest } = await oneFileLayout(file);
    const lentFile = () => lendFile({ folder, manifest: manifest ?? [] });
    const first = await lentFile();
    writeFileSync(join(root, 'beside'), '');
    chmodSync(file, 0o644);
    expect(await first.giveBack()).toEqual({ kind: 'whole', added: [] });
    expect(readdirSync(root).sort()).toEqual(['beside', 'tool.pyz']);
    expect(lstatSync(file).mode & 0o777).toBe(0o755);
    const second = await lentFile();
    appendFileSync(file, 'more');
    expect(await second.giveBack()).toEqual({ kind: 'damaged', reason: 'tool.pyz has other content' });
    expect(readdirSync(root)).toEqual(['beside']);
  });
});

describe('a look over a tree that was there long before', () => {
  /** Seconds: a time that can be set again to the nanosecond. */
  const ROUND = 1_000_000_000;
  const LONG = 3_600_000;

  /** As if an hour had passed between the last write to it and the look that is taken down. */
  async function old() {
    const root = temporaryFolder('look-over');
    const folder = join(root, 'layout');
    plant(folder, TREE, BASE);
    utimesSync(join(folder, 'lib/more.txt'), ROUND, ROUND);
    const manifest = await manifestOf(folder);
    const seen = await stampsOf(folder, manifest, join(root, 'clock'));
    const before = { ...seen, taken: seen.taken + LONG };
    const look = async (expected = manifest) =>
      lookOver({ folder, manifest: expected, before, places: await placesOf(folder) });
    return { folder, manifest, seen, look };
  }

  /** Until the clock of the file system, which moves in ticks, has moved. */
  function laterThan(path: string, change: () => void): void {
    const { ctimeNs } = lstatSync(path, { bigint: true });
    do change();
    while (lstatSync(path, { bigint: true }).ctimeNs === ctimeNs);
  }

  test('reads nothing again that was not touched', async () => {
    const { manifest, look } = await old();
    const others = manifest.map((entry) =>
      entry.kind === 'file' ? { ...entry, sha256: '0'.repeat(64) } : entry,
    );
    expect(await look(others)).toEqual({ kind: 'whole', added: [] });
  });

  test('reads again what was written in the tick of the clock in which it was taken down', async () => {
    const { folder, manifest, seen } = await old();
    const path = 'lib/more.txt';
    const before = { ...seen, taken: seen.stamps.get(path)?.ctime ?? 0 };
    const others = manifest.map((entry) =>
      entry.path === path && entry.kind === 'file' ? { ...entry, sha256: '0'.repeat(64) } : entry,
    );
    const looked = await lookOver({ folder, manifest: others, before, places: await placesOf(folder) });
    expect(looked).toEqual({ kind: 'damaged', reason: `${path} has other content` });
  });

  test('sees what was written in place, though it has the size and the times that it had', async () => {
    const { folder, look } = await old();
    const file = join(folder, 'lib/more.txt');
    const { mtimeNs, size } = statSync(file, { bigint: true });
    laterThan(file, () => {
      writeFileSync(file, 'two onE\n');
      utimesSync(file, ROUND, ROUND);
    });
    expect(statSync(file, { bigint: true })).toMatchObject({ mtimeNs, size });
    expect(await look()).toEqual({ kind: 'damaged', reason: 'lib/more.txt has other content' });
  });

  test('sees what was written through another name of the file', async () => {
    const { folder, look } = await old();
    const file = join(folder, 'lib/more.txt');
    const other = join(folder, '..', 'other');
    linkSync(file, other);
    laterThan(file, () => writeFileSync(other, 'two onE\n'));
    expect(await look()).toEqual({ kind: 'damaged', reason: 'lib/more.txt has other content' });
  });
});

import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { freeze } from '../../../src/layout/frozen/freeze.ts';
import { thaw } from '../../../src/layout/frozen/thaw.ts';
import { type Entry, LAYOUT_FORMAT, seal, sealJson, unseal } from '../../../src/layout/manifest.ts';
import { isProblem } from '../../../src/problem.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, INFO, manifestOf } from './tree.ts';

type Item = [header: Partial<Header> & Pick<Header, 'name'>, text: string];

/** sha256 of `x`. */
const X = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
const file = (path: string): Entry => ({
  kind: 'file',
  path,
  mode: 0o644,
  size: 1,
  sha256: X,
  tokens: false,
});
const folder = (path: string): Entry => ({ kind: 'directory', path, mode: 0o755 });
const link = (path: string, target: string): Entry => ({ kind: 'link', path, target });
const sealed = (...manifest: Entry[]): Item => [
  { name: 'layout/.exitproof/layout.json' },
  seal({ info: INFO, manifest }),
];
const RECORD: Item = [{ name: 'cache/record.json' }, sealJson(null)];

async function tarOf(path: string, items: readonly Item[]): Promise<void> {
  const tar = pack();
  for (const [header, text] of items) tar.entry({ mode: 0o644, ...header }, text);
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
}

/** Thaws what a stranger packed, two folders below a place where an escape would be seen. */
async function thawed(items: readonly Item[], form: 'cache' | 'archive' = 'cache') {
  const root = temporaryFolder('hostile');
  mkdirSync(join(root, 'work'));
  const path = join(root, 'work/layout.tar');
  await tarOf(path, items);
  const destination = join(root, 'work/out');
  const outcome = await thaw({ file: path, form, destination, interpreter: BASE, artifact: null });
  return { outcome, root, left: readdirSync(join(root, 'work')).sort(), escaped: readdirSync(root) };
}

describe('a tar from a stranger', () => {
  it('that is as it should be is thawed: the refusals below have their own reasons', async () => {
    const { outcome } = await thawed([sealed(file('a')), RECORD, [{ name: 'layout/a' }, 'x']]);
    expect(outcome).toMatchObject({ kind: 'thawed' });
  });

  it.each<[string, readonly Item[], string]>([
    ['a path that leads upwards', [[{ name: 'layout/../../evil' }, 'x']], 'leads upwards'],
    ['an absolute path', [[{ name: '/tmp/evil' }, 'x']], 'is absolute'],
    ['a path with a backslash', [[{ name: 'layout\\evil' }, 'x']], 'backslash'],
    ['a path in another form', [[{ name: 'layout//a' }, 'x']], 'plain form'],
    ['a symbolic link', [[{ name: 'layout/a', type: 'symlink', linkname: '/etc' }, '']], 'is a symlink'],
    ['a hard link', [[{ name: 'layout/a', type: 'link', linkname: '/etc/passwd' }, '']], 'is a link'],
    ['a device', [[{ name: 'layout/a', type: 'character-device' }, '']], 'is a character-device'],
    ['a block device', [[{ name: 'layout/a', type: 'block-device' }, '']], 'is a block-device'],
    ['a FIFO', [[{ name: 'layout/a', type: 'fifo' }, '']], 'is a fifo'],
    [
      'a file twice',
      [
        [{ name: 'layout/a' }, 'x'],
        [{ name: 'layout/a' }, 'x'],
      ],
      'EEXIST',
    ],
    [
      'a file below a file',
      [
        [{ name: 'layout/a' }, 'x'],
        [{ name: 'layout/a/b' }, 'x'],
      ],
      'a',
    ],
    ['no manifest', [[{ name: 'layout/a' }, 'x']], 'layout.json is missing'],
    [
      'a file that the manifest does not list',
      [sealed(), RECORD, [{ name: 'layout/a' }, 'x']],
      'a was added',
    ],
    ['a listed file missing', [sealed(file('a')), RECORD], 'a is missing'],
    ['other content', [sealed(file('a')), RECORD, [{ name: 'layout/a' }, 'y']], 'a has other content'],
    ['another mode', [sealed(file('a')), RECORD, [{ name: 'layout/a', mode: 0o755 }, 'x']], 'another mode'],
    ['something beside the layout', [sealed(), RECORD, [{ name: 'artifact/evil' }, 'x']], 'evil was added'],
    ['no record', [sealed()], 'record.json'],
    [
      'a changed record',
      [sealed(), [{ name: 'cache/record.json' }, '{"digest":"","value":1}']],
      'record.json',
    ],
    ['bytes that are no tar', [], 'layout.json is missing'],
  ])('with %s is corrupt, and nothing of it is left', async (_, items, reason) => {
    const { outcome, left, escaped } = await thawed(items);
    expect(outcome).toMatchObject({ kind: 'corrupt', reason: expect.stringContaining(reason) });
    expect(left).toEqual(['layout.tar']);
    expect(escaped).toEqual(['work']);
  });

  it('may carry links in an archive, and none of them is followed or made', async () => {
    const items: Item[] = [
      [{ name: 'app/.exitproof/layout.json' }, seal({ info: INFO, manifest: [file('a')] })],
      [{ name: 'app/lib', type: 'symlink', linkname: '/tmp' }, ''],
      [{ name: 'app/.exitproof/relocate' }, 'rm -rf /'],
      [{ name: 'app/a' }, 'x'],
    ];
    const { outcome, root } = await thawed(items, 'archive');
    expect(outcome).toMatchObject({ kind: 'thawed' });
    expect(readdirSync(join(root, 'work/out')).sort()).toEqual(['.exitproof', 'a']);
    expect(readdirSync(join(root, 'work/out/.exitproof'))).toEqual(['layout.json']);
  });
});

describe('an archive from a stranger', () => {
  const own: Item = [{ name: 'app/.exitproof/layout.json' }, seal({ info: INFO, manifest: [file('a')] })];
  it.each<[string, readonly Item[], string]>([
    ['a path that leads upwards', [own, [{ name: 'app/../../evil' }, 'x']], 'leads upwards'],
    ['an absolute path', [own, [{ name: '/tmp/evil' }, 'x']], 'is absolute'],
    ['a FIFO', [own, [{ name: 'app/a', type: 'fifo' }, '']], 'is a fifo'],
    ['a device', [own, [{ name: 'app/a', type: 'character-device' }, '']], 'is a character-device'],
    ['a hard link', [own, [{ name: 'app/a', type: 'link', linkname: '/etc/passwd' }, '']], 'is a link'],
    [
      'a file behind a link that leads out',
      [
        own,
        [{ name: 'app/a' }, 'x'],
        [{ name: 'app/l', type: 'symlink', linkname: '../..' }, ''],
        [{ name: 'app/l/evil' }, 'x'],
      ],
      'l/evil was added',
    ],
    ['a file that was added', [own, [{ name: 'app/a' }, 'x'], [{ name: 'app/b' }, 'x']], 'b was added'],
    ['a file missing', [own], 'a is missing'],
    ['a file changed', [own, [{ name: 'app/a' }, 'y']], 'a has other content'],
    ['another mode', [own, [{ name: 'app/a', mode: 0o4755 }, 'x']], 'a has another mode'],
  ])('with %s is corrupt, and nothing of it is left', async (_, items, reason) => {
    const { outcome, left, escaped } = await thawed(items, 'archive');
    expect(outcome).toMatchObject({ kind: 'corrupt', reason: expect.stringContaining(reason) });
    expect(left).toEqual(['layout.tar']);
    expect(escaped).toEqual(['work']);
  });

  const MANY = 80 << 20;
  const zeros = (name: string): Item => [{ name, size: MANY }, '\0'.repeat(MANY)];
  const TOO_MANY = 'it unpacks to more than its manifest lists';
  it.each<[string, readonly Item[], string]>([
    [
      'in a file, more than the manifest lists',
      [own, zeros('app/a')],
      'a has 83886080 bytes, and the manifest lists 1',
    ],
    ['in a file that is left out', [own, zeros('app/.exitproof/x')], TOO_MANY],
    ['before the manifest', [zeros('app/a'), own], TOO_MANY],
  ])('that unpacks to many megabytes %s is corrupt, and nothing of it is left', async (_, items, reason) => {
    const root = temporaryFolder('bomb');
    await tarOf(join(root, 'app.tar'), items);
    const file = join(root, 'app.tar.gz');
    writeFileSync(file, gzipSync(readFileSync(join(root, 'app.tar')), { level: 1 }));
    rmSync(join(root, 'app.tar'));
    const target = { destination: join(root, 'out'), interpreter: BASE, artifact: null };
    expect(await thaw({ file, form: 'archive', ...target })).toEqual({ kind: 'corrupt', reason });
    expect(readdirSync(root)).toEqual(['app.tar.gz']);
  });

  it('that was cut off, or has a flipped byte, is corrupt or the very same tree', async () => {
    const root = temporaryFolder('cut');
    const path = join(root, 'app.tar');
    await tarOf(path, [own, [{ name: 'app/a' }, 'x']]);
    const packed = gzipSync(readFileSync(path));
    const target = { destination: join(root, 'out'), interpreter: BASE, artifact: null };
    const kinds = new Set<string>();
    for (let at = 0; at < packed.length; at += 7) {
      const flipped = Buffer.from(packed);
      flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      for (const bytes of [packed.subarray(0, at), flipped]) {
        writeFileSync(join(root, 'app.tar.gz'), bytes);
        const { kind } = await thaw({ file: join(root, 'app.tar.gz'), form: 'archive', ...target });
        kinds.add(kind);
        if (kind === 'thawed') {
          expect(readFileSync(join(root, 'out/a'), 'utf8')).toBe('x');
          rmSync(join(root, 'out'), { recursive: true });
        }
        expect(readdirSync(root).sort()).toEqual(['app.tar', 'app.tar.gz']);
      }
    }
    expect(kinds).toContain('corrupt');
  });
});

describe('a manifest from a stranger', () => {
  it.each<[string, readonly Entry[], string]>([
    ['leads upwards', [file('../evil')], 'leaves the layout'],
    ['is absolute', [file('/etc/passwd')], 'leaves the layout'],
    ['links to an absolute path', [link('a', '/etc')], 'links out'],
    ['links upwards', [link('a', '../..')], 'links out'],
    [
      'links down and up again, further than it came',
      [folder('d'), link('d/a', 'x/../../../y')],
      'links out',
    ],
    [
      'links out by way of another link',
      [folder('d'), link('d/l', '..'), link('d/m', 'l/../x')],
      'links out',
    ],
    ['writes through a link', [link('lib', '.'), file('lib/a')], 'which is no folder'],
    ['writes below a file', [file('lib'), file('lib/a')], 'which is no folder'],
    ['lists a path twice', [file('a'), link('a', 'b')], 'listed twice'],
    ['lists what is reserved', [folder('.exitproof'), file('.exitproof/layout.json')], 'reserved'],
    ['sets the setuid bit', [{ kind: 'directory', path: 'a', mode: 0o4755 }], 'Expected <=511'],
  ])('that %s is refused, though its digest is right', (_, manifest, reason) => {
    const outcome = unseal(seal({ info: INFO, manifest }));
    expect(outcome).toMatchObject({ kind: 'corrupt', reason: expect.stringContaining(reason) });
  });

  it('in which a mode, a name or the verdict was changed is refused', () => {
    const text = seal({ info: INFO, manifest: [file('a')] });
    expect(unseal(text)).toMatchObject({ kind: 'layout' });
    for (const [from, to] of [
      ['"mode":420', '"mode":493'],
      ['"path":"a"', '"path":"b"'],
      ['"commit":null', '"commit":"c0ffee"'],
    ] as const) {
      expect(text).toContain(from);
      expect(unseal(text.replace(from, to))).toMatchObject({ kind: 'corrupt' });
    }
  });

  it('of a later format is refused', () => {
    const later = sealJson({ format: LAYOUT_FORMAT + 1, info: INFO, manifest: [] });
    expect(unseal(later)).toMatchObject({ kind: 'other-format' });
  });
});

describe('a destination', () => {
  const items: readonly Item[] = [sealed(file('a')), RECORD, [{ name: 'layout/a' }, 'x']];

  async function refusal(prepare: (root: string) => string): Promise<string> {
    const root = temporaryFolder('place');
    const path = join(root, 'layout.tar');
    await tarOf(path, items);
    const options = { file: path, form: 'cache', interpreter: BASE, artifact: null } as const;
    try {
      await thaw({ ...options, destination: prepare(root) });
    } catch (error) {
      if (isProblem(error)) return error.message;
      throw error;
    }
    return '';
  }

  it('that holds something else is never replaced', async () => {
    let kept = '';
    const message = await refusal((root) => {
      mkdirSync(join(root, 'src'));
      kept = join(root, 'src/precious');
      writeFileSync(kept, 'work of weeks');
      return join(root, 'src');
    });
    expect(message).toContain('what lies in it is no layout');
    expect(readFileSync(kept, 'utf8')).toBe('work of weeks');
  });

  it('that is a link is refused: what it leads to is not ours', async () => {
    const message = await refusal((root) => {
      symlinkSync('/', join(root, 'out'));
      return join(root, 'out');
    });
    expect(message).toContain('is no folder');
  });

  it('with a space in its path, or with a path too long for a first line, is refused', async () => {
    expect(await refusal((root) => join(root, 'my layout'))).toContain('a path with a space');
    expect(await refusal((root) => join(root, 'x'.repeat(120), 'y'.repeat(120)))).toContain(
      '255 is what Linux',
    );
  });

  it('with a space in its path takes what has no path in it', async () => {
    const root = temporaryFolder('space');
    const folder = join(root, 'built');
    mkdirSync(folder);
    writeFileSync(join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
    const info = { ...INFO, layout: 'onedir', executable: 'tool' } as const;
    const file = join(root, 'frozen.tar');
    const layout = { info, manifest: await manifestOf(folder) };
    await freeze({ folder, layout, artifact: null, record: null, file });
    const place = { destination: join(root, 'my layout'), artifact: null };
    // It carries its own Python, so there need be none.
    const thawed = await thaw({ file, form: 'cache', interpreter: null, ...place });
    expect(thawed).toMatchObject({ kind: 'thawed', folder: join(root, 'my layout') });
    expect(await thaw({ file, form: 'cache', interpreter: null, ...place, mayStay: true })).toMatchObject({
      kind: 'thawed',
    });
    const venv = { ...layout, info: { ...info, layout: 'venv' } } as const;
    await freeze({ folder, layout: venv, artifact: null, record: null, file });
    const other = { ...place, destination: join(root, 'layout') };
    expect(await thaw({ file, form: 'cache', interpreter: null, ...other })).toEqual({
      kind: 'unfit',
      reason: 'the layout is for CPython 3.12, and no Python was found',
    });
  });

  it('that holds an earlier layout, or nothing, is replaced', async () => {
    expect(
      await refusal((root) => {
        mkdirSync(join(root, 'out/.exitproof'), { recursive: true });
        writeFileSync(join(root, 'out/.exitproof/layout.json'), '{}');
        return join(root, 'out');
      }),
    ).toBe('');
    expect(
      await refusal((root) => {
        mkdirSync(join(root, 'out'));
        expect(existsSync(join(root, 'out'))).toBe(true);
        return join(root, 'out');
      }),
    ).toBe('');
  });
});

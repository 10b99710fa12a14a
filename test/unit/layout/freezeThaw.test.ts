import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it, vi } from 'vitest';
import { copyLayout } from '../../../src/layout/copy.ts';
import { freeze } from '../../../src/layout/frozen/freeze.ts';
import { writePortable } from '../../../src/layout/frozen/portable.ts';
import { thaw } from '../../../src/layout/frozen/thaw.ts';
import { LAYOUT_FORMAT, sealJson } from '../../../src/layout/manifest.ts';
import { machine } from '../../../src/toolchain/machine.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, INFO, layoutOf, OTHER, plant, snapshot, trees } from './tree.ts';

const quick = { numRuns: 20 };

describe('a frozen layout', () => {
  it('thaws elsewhere, for another interpreter, into the tree that would have been laid out there', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = temporaryFolder('freeze');
        const [here, there, direct] = ['here', 'there/deeper', 'direct'].map((name) => join(root, name));
        if (here === undefined || there === undefined || direct === undefined) return;
        plant(here, tree, BASE);
        const file = join(root, 'layout.tar');
        await freeze({ folder: here, layout: await layoutOf(here), artifact: null, record: { n: 1 }, file });
        const before = snapshot(here);
        rmSync(here, { recursive: true });

        const moved = await thaw({
          file,
          form: 'cache',
          destination: there,
          interpreter: OTHER,
          artifact: null,
        });
        expect(moved).toMatchObject({ kind: 'thawed', folder: there, record: { n: 1 } });
        // The reference is laid out at the same path, so that nothing has to be translated to compare.
        const got = snapshot(there);
        rmSync(there, { recursive: true });
        plant(there, tree, OTHER);
        expect(got).toEqual(snapshot(there));

        const back = await thaw({
          file,
          form: 'cache',
          destination: here,
          interpreter: BASE,
          artifact: null,
        });
        expect(back.kind).toBe('thawed');
        expect(snapshot(here)).toEqual(before);
      }),
      quick,
    );
  });

  it('is the same file, byte for byte, wherever the layout lay', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = temporaryFolder('freeze');
        const files = await Promise.all(
          [
            { name: 'a', base: BASE },
            { name: 'a/longer/path', base: OTHER },
          ].map(async ({ name, base }, index) => {
            const folder = join(root, `tree${index}`, name);
            plant(folder, tree, base);
            const file = join(root, `${index}.tar`);
            await freeze({ folder, layout: await layoutOf(folder), artifact: null, record: null, file });
            return readFileSync(file);
          }),
        );
        expect(files[0]?.equals(files[1] ?? Buffer.alloc(0))).toBe(true);
      }),
      quick,
    );
  });

  it('with any byte changed gives either the very same tree, or none', async () => {
    const root = temporaryFolder('flip');
    const [tree] = fc.sample(trees, { numRuns: 1, seed: 7 });
    if (tree === undefined) throw new Error('no tree');
    const here = join(root, 'here');
    plant(here, tree, BASE);
    const file = join(root, 'layout.tar');
    await freeze({ folder: here, layout: await layoutOf(here), artifact: null, record: { n: 1 }, file });
    const bytes = readFileSync(file);
    const target = join(root, 'out');
    const thawTo = (from: string) =>
      thaw({ file: from, form: 'cache', destination: target, interpreter: BASE, artifact: null });
    expect((await thawTo(file)).kind).toBe('thawed');
    const right = snapshot(target);
    let corrupt = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        rmSync(target, { recursive: true, force: true });
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ by;
        const bad = join(root, 'bad.tar');
        writeFileSync(bad, flipped);
        const outcome = await thawTo(bad);
        if (outcome.kind === 'thawed') {
          expect(snapshot(target)).toEqual(right);
          expect(outcome.record).toEqual({ n: 1 });
        } else {
          corrupt += 1;
          expect(readdirSync(root).filter((name) => name.startsWith('out'))).toEqual([]);
        }
      }),
      { numRuns: 120 },
    );
    expect(corrupt).toBeGreaterThan(20);
  });

  it('cut off anywhere is corrupt, and leaves nothing behind', async () => {
    const root = temporaryFolder('cut');
    const here = join(root, 'here');
    plant(here, { files: [], binaries: [], links: [], empty: [] }, BASE);
    const file = join(root, 'layout.tar');
    await freeze({ folder: here, layout: await layoutOf(here), artifact: null, record: {}, file });
    const bytes = readFileSync(file);
    // The last 1024 bytes are the tar's end mark: without it everything is there still.
    for (let length = 0; length <= bytes.length - 1024 - 512; length += 256) {
      writeFileSync(file, bytes.subarray(0, length));
      const outcome = await thaw({
        file,
        form: 'cache',
        destination: join(root, 'out'),
        interpreter: BASE,
        artifact: null,
      });
      expect(outcome, `cut at ${length}`).toMatchObject({ kind: 'corrupt' });
      expect(readdirSync(root).sort()).toEqual(['here', 'layout.tar']);
    }
  });

  it('refuses to be written from a layout that changed since it was described', async () => {
    const root = temporaryFolder('changed');
    plant(join(root, 'here'), { files: [], binaries: [], links: [], empty: [] }, BASE);
    const layout = await layoutOf(join(root, 'here'));
    writeFileSync(join(root, 'here/bin/tool'), 'other');
    const file = join(root, 'layout.tar');
    const freezing = freeze({ folder: join(root, 'here'), layout, artifact: null, record: null, file });
    await expect(freezing).rejects.toThrow('bin/tool has changed');
    expect(readdirSync(root)).toEqual(['here']);
  });

  it('is not written on where that is cancelled, and nothing of it is left', async () => {
    const root = temporaryFolder('cancelled');
    const folder = join(root, 'here');
    plant(folder, { files: [], binaries: [], links: [], empty: [] }, BASE);
    // So much that it is cancelled in the middle.
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), Buffer.alloc(1 << 22));
    const layout = await layoutOf(folder);
    const controller = new AbortController();
    const file = join(root, 'layout.tar');
    const freezing = freeze({
      folder,
      layout,
      artifact: null,
      record: null,
      file,
      cancel: controller.signal,
    });
    setImmediate(() => controller.abort('SIGTERM'));
    await expect(freezing).rejects.toThrow('cancelled by SIGTERM');
    expect(readdirSync(root)).toEqual(['here']);
  });

  it('is refused for another X.Y of Python, and for another implementation', async () => {
    const root = temporaryFolder('unfit');
    plant(join(root, 'here'), { files: [], binaries: [], links: [], empty: [] }, BASE);
    const layout = await layoutOf(join(root, 'here'));
    const file = join(root, 'layout.tar');
    await freeze({ folder: join(root, 'here'), layout, artifact: null, record: null, file });
    for (const other of [
      { ...BASE, version: '3.11.7' },
      { ...BASE, implementation: 'PyPy' },
    ]) {
      const destination = join(root, 'out');
      const outcome = await thaw({ file, form: 'cache', destination, interpreter: other, artifact: null });
      expect(outcome).toMatchObject({ kind: 'unfit', reason: expect.stringContaining('CPython 3.12') });
      expect(readdirSync(root).sort()).toEqual(['here', 'layout.tar']);
    }
  });

  it.each(['cache', 'archive'] as const)(
    'of an older format (%s) is no fault, and nothing of it is left',
    async (form) => {
      const root = temporaryFolder('older');
      const old = sealJson({ format: LAYOUT_FORMAT - 1, info: {}, manifest: [] });
      const files = [
        ['layout/.exitproof/layout.json', old],
        ...(form === 'cache' ? [['cache/record.json', sealJson({})]] : []),
      ] as const;
      const file = join(root, 'layout.tar');
      const tar = pack();
      for (const [name, text] of files) tar.entry({ name: name ?? '' }, text ?? '');
      tar.finalize();
      writeFileSync(file, await buffer(tar));
      for (const mayStay of [true, false]) {
        const place = { destination: join(root, 'out'), interpreter: BASE, artifact: null, mayStay };
        expect(await thaw({ file, form, ...place })).toEqual({
          kind: 'unfit',
          reason: `the layout is of format ${LAYOUT_FORMAT - 1}, and this exitproof takes ${LAYOUT_FORMAT}: check the program anew`,
        });
        expect(readdirSync(root)).toEqual(['layout.tar']);
      }
    },
  );

  it('with code for another architecture is refused, and nothing of it is left', async () => {
    const root = temporaryFolder('architecture');
    const folder = join(root, 'here');
    plant(folder, { files: [], binaries: [], links: [], empty: [] }, BASE);
    const { os, libc } = await machine();
    const { manifest } = await layoutOf(folder);
    const file = join(root, 'layout.tar');
    for (const layout of ['venv', 'zipapp', 'onefile'] as const) {
      const info = { ...INFO, layout, platform: { os, libc, architecture: 'pdp11' } };
      await freeze({ folder, layout: { info, manifest }, artifact: null, record: null, file });
      const destination = join(root, 'out');
      expect(
        await thaw({ file, form: 'cache', destination, interpreter: BASE, artifact: null }),
      ).toMatchObject({
        kind: 'unfit',
        reason: expect.stringContaining(`holds compiled code for ${os} pdp11`),
      });
      expect(readdirSync(root).sort()).toEqual(['here', 'layout.tar']);
    }
  });

  it('is given up in the middle where it is cancelled, and nothing of it is left', async () => {
    const root = temporaryFolder('cancelled');
    plant(join(root, 'here'), { files: [], binaries: [], links: [], empty: [] }, BASE);
    const file = join(root, 'layout.tar');
    const layout = await layoutOf(join(root, 'here'));
    await freeze({ folder: join(root, 'here'), layout, artifact: null, record: null, file });
    const controller = new AbortController();
    const place = { destination: join(root, 'out'), interpreter: BASE, artifact: null };
    const thawing = thaw({ file, form: 'cache', ...place, cancel: controller.signal });
    controller.abort('SIGTERM');
    await expect(thawing).rejects.toThrow('cancelled by SIGTERM');
    expect(readdirSync(root).sort()).toEqual(['here', 'layout.tar']);
  });

  it('brings the artifact along, and is neither made nor thawed with another one', async () => {
    const root = temporaryFolder('artifact');
    plant(join(root, 'here'), { files: [], binaries: [], links: [], empty: [] }, BASE);
    const pex = join(root, 'app.pex');
    writeFileSync(pex, 'PEX');
    const sha256 = createHash('sha256').update('PEX').digest('hex');
    const { manifest } = await layoutOf(join(root, 'here'));
    const file = join(root, 'layout.tar');
    const layout = { manifest, info: { ...INFO, artifact: { name: 'app.pex', sha256 } } };
    const freezing = () => freeze({ folder: join(root, 'here'), layout, artifact: pex, record: null, file });
    await freezing();
    const place = { destination: join(root, 'out'), interpreter: BASE, artifact: join(root, 'got.pex') };
    expect(await thaw({ file, form: 'cache', ...place })).toMatchObject({ artifact: place.artifact });
    expect(readFileSync(place.artifact, 'utf8')).toBe('PEX');
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('PEX')] = 0x70;
    writeFileSync(file, bytes);
    expect(await thaw({ file, form: 'cache', ...place })).toMatchObject({
      kind: 'corrupt',
      reason: 'artifact/app.pex has other content',
    });
    writeFileSync(pex, 'pEX');
    await expect(freezing()).rejects.toThrow('app.pex has changed');
  });
});

describe('a copy of a layout', () => {
  it('clears away what killed runs left half beside it, and nothing that may be in use', async () => {
    const root = temporaryFolder('sweep');
    const here = join(root, 'here');
    plant(here, { files: [], binaries: [], links: [], empty: [] }, BASE);
    const { manifest } = await layoutOf(here);
    const left = ['there.part-1', 'there.old-2', 'there.part-x', 'other.part-3'];
    for (const name of left) mkdirSync(join(root, name));
    const copy = () => copyLayout({ folder: here, manifest, destination: join(root, 'there'), as: 'filled' });
    await copy();
    expect(readdirSync(root).sort()).toEqual([...left, 'here', 'there'].sort());
    vi.useFakeTimers({ now: Date.now() + 2 * 60 * 60 * 1000, toFake: ['Date'] });
    try {
      await copy();
    } finally {
      vi.useRealTimers();
    }
    expect(readdirSync(root).sort()).toEqual(['here', 'other.part-3', 'there', 'there.part-x']);
  });

  it('is the tree that would have been laid out there, without what came after the manifest', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = temporaryFolder('copy');
        const [here, there] = [join(root, 'here'), join(root, 'there')];
        plant(here, tree, BASE);
        const { manifest } = await layoutOf(here);
        writeFileSync(join(here, 'later'), '');
        await copyLayout({ folder: here, manifest, destination: there, as: 'filled' });
        const got = snapshot(there);
        rmSync(there, { recursive: true });
        plant(there, tree, BASE);
        expect(got).toEqual(snapshot(there));
      }),
      quick,
    );
  });
});

describe('an archive of a layout', () => {
  it('is not made where a file has changed since it was checked', async () => {
    const root = temporaryFolder('portable');
    const folder = join(root, 'here');
    mkdirSync(folder);
    writeFileSync(join(folder, 'tool.pex'), 'checked');
    const layout = { ...(await layoutOf(folder)), info: { ...INFO, layout: 'zipapp' } as const };
    const destination = join(root, 'archive');
    await writePortable({ folder, layout, destination });
    writeFileSync(join(folder, 'tool.pex'), 'changed');
    await expect(writePortable({ folder, layout, destination })).rejects.toThrow(/tool\.pex .* has changed/);
  });
});

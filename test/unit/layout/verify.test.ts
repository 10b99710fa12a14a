import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scan } from '../../../src/layout/scan.ts';
import { verify } from '../../../src/layout/verify.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, manifestOf, plant, trees } from './tree.ts';

/** Each changes one thing and names it. */
const MUTATIONS: Record<string, (folder: string, path: string) => string> = {
  'a flipped byte': (folder, path) => {
    const bytes = readFileSync(join(folder, path));
    const changed = bytes.length === 0 ? Buffer.from('x') : bytes;
    if (bytes.length > 0) changed[0] = (changed[0] ?? 0) ^ 1;
    const mode = lstatSync(join(folder, path)).mode;
    chmodSync(join(folder, path), 0o600);
    writeFileSync(join(folder, path), changed);
    chmodSync(join(folder, path), mode);
    return `${path} has other content`;
  },
  'a deleted file': (folder, path) => {
    rmSync(join(folder, path));
    return `${path} is missing`;
  },
  'an added file': (folder, path) => {
    writeFileSync(join(folder, `${path}.added`), '');
    return `${path}.added was added`;
  },
  'another mode': (folder, path) => {
    chmodSync(join(folder, path), 0o640);
    return `${path} has the mode 640`;
  },
  'a file that became a link': (folder, path) => {
    rmSync(join(folder, path));
    symlinkSync('somewhere', join(folder, path));
    return `${path} is no file any more`;
  },
  'a file that became a folder': (folder, path) => {
    rmSync(join(folder, path));
    mkdirSync(join(folder, path));
    return `${path} is no file any more`;
  },
};

describe('a layout verified against its manifest', () => {
  it('is right as it was laid out, and where it was moved with its paths', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = temporaryFolder('verify');
        plant(join(root, 'a'), tree, BASE);
        const manifest = await manifestOf(join(root, 'a'));
        expect(await verify(join(root, 'a'), manifest)).toEqual({ ok: true });
        plant(join(root, 'b'), tree, BASE);
        expect(await verify(join(root, 'b'), manifest)).toEqual({ ok: true });
      }),
      { numRuns: 15 },
    );
  });

  it.each(Object.entries(MUTATIONS))('names %s', async (_, mutate) => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async (tree, pick) => {
        const folder = join(temporaryFolder('verify'), 'tree');
        plant(folder, tree, BASE);
        const manifest = await manifestOf(folder);
        const files = manifest.filter((entry) => entry.kind === 'file' && entry.path !== 'pyvenv.cfg');
        const path = files[pick % files.length]?.path ?? '';
        const expected = mutate(folder, path);
        expect(await verify(folder, manifest)).toEqual({
          ok: false,
          reason: expect.stringContaining(expected),
        });
      }),
      { numRuns: 10 },
    );
  });

  it('names a link that leads elsewhere, and an empty folder that is gone', async () => {
    const folder = join(temporaryFolder('verify'), 'tree');
    const tree = { files: [], binaries: [], links: [{ path: 'x', target: 'bin' }], empty: ['void'] };
    plant(folder, tree, BASE);
    const manifest = await manifestOf(folder);
    rmSync(join(folder, 'x'));
    symlinkSync('bin/tool', join(folder, 'x'));
    expect(await verify(folder, manifest)).toEqual({ ok: false, reason: 'x links elsewhere' });
    rmSync(join(folder, 'x'));
    symlinkSync('bin', join(folder, 'x'));
    rmSync(join(folder, 'void'), { recursive: true });
    expect(await verify(folder, manifest)).toEqual({ ok: false, reason: 'void is missing' });
  });

  it('is wrong in a folder that its scripts do not name: a moved layout runs whatever lies at its old place', async () => {
    const root = temporaryFolder('verify');
    plant(join(root, 'a'), { files: [], binaries: [], links: [], empty: [] }, BASE);
    const manifest = await manifestOf(join(root, 'a'));
    renameSync(join(root, 'a'), join(root, 'b'));
    expect(await verify(join(root, 'b'), manifest)).toMatchObject({ ok: false });
  });

  it('does not see what PEX stamps at each run, nor what exitproof wrote itself', async () => {
    const folder = join(temporaryFolder('verify'), 'tree');
    plant(folder, { files: [], binaries: [], links: [], empty: [] }, BASE);
    const manifest = await manifestOf(folder);
    writeFileSync(join(folder, '.last-access'), '');
    mkdirSync(join(folder, '.exitproof'));
    writeFileSync(join(folder, '.exitproof/layout.json'), '{}');
    expect(await verify(folder, manifest)).toEqual({ ok: true });
  });
});

describe('a layout that can not be moved', () => {
  const plain = { files: [], binaries: [], links: [], empty: [] };

  it.each([
    [
      'a binary file with its path',
      (f: string) => writeFileSync(join(f, 'x.so'), `\0${f}\0`),
      'x.so: a binary',
    ],
    [
      'a link out of it',
      (f: string) => symlinkSync('/etc/passwd', join(f, 'x')),
      'x: it links to /etc/passwd',
    ],
    [
      'a relative link out of it',
      (f: string) => symlinkSync('../../x', join(f, 'x')),
      'outside of the layout',
    ],
    [
      'a text with its path and a token',
      (f: string) => writeFileSync(join(f, 'x'), `${f} @@EXITPROOF_LAYOUT@@`),
      'x: the file contains one of the tokens',
    ],
  ])('is named: %s', async (_, spoil, reason) => {
    const folder = join(temporaryFolder('spoilt'), 'tree');
    plant(folder, plain, BASE);
    spoil(folder);
    expect(await scan(folder)).toEqual({ kind: 'not-relocatable', reason: expect.stringContaining(reason) });
  });
});

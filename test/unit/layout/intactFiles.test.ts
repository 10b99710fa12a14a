import { chmodSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/layout/manifest.ts';
import { intactFiles } from '../../../src/layout/verify.ts';
import { PLAIN, rewrite, seen } from './seen.ts';

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

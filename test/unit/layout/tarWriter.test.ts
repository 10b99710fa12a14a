import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { tarHeader } from '../../../src/layout/frozen/tarHeader.ts';
import { createTar } from '../../../src/layout/frozen/tarWriter.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const mtime = new Date(315532800_000);

interface Planned {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

async function byTarStream(files: readonly Planned[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, mode, bytes } of files) tar.entry({ name, mode, mtime }, bytes);
  tar.finalize();
  return buffer(tar);
}

async function byUs(files: readonly Planned[], as: 'bytes' | 'files'): Promise<Buffer> {
  const root = temporaryFolder('tar');
  const tar = await createTar(join(root, 'it.tar'));
  for (const [index, { name, mode, bytes }] of files.entries()) {
    if (as === 'bytes') await tar.add({ name, mode }, bytes);
    else {
      const path = join(root, String(index));
      writeFileSync(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(await tar.addFrom({ name, mode }, path, bytes.length)).toBe(sha256);
    }
  }
  await tar.end();
  await tar.close();
  return readFileSync(join(root, 'it.tar'));
}

const segment = fc.oneof(
  fc.stringMatching(/^[\w.@+-]{1,20}$/),
  fc.stringMatching(/^[a-z]{60,120}$/),
  fc.constantFrom('ä', '名', 'a b'),
);
const name = fc.array(segment, { minLength: 1, maxLength: 8 }).map((segments) => segments.join('/'));
const mode = fc.integer({ min: 1, max: 0o777 });

describe('a tar', () => {
  it('has the bytes that tar-stream gives it, whatever the names, modes and sizes', async () => {
    const bytes = fc.uint8Array({ maxLength: 1100 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ name, mode, bytes }), { maxLength: 8 }), async (files) => {
        const expected = await byTarStream(files);
        expect((await byUs(files, 'bytes')).equals(expected)).toBe(true);
        expect((await byUs(files, 'files')).equals(expected)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('has them with names of every length around what a header holds', async () => {
    const lengths = Array.from({ length: 180 }, (_, index) => 90 + index);
    const names = lengths.flatMap((length) => [
      'n'.repeat(length),
      `${'p'.repeat(99)}/${'n'.repeat(length - 100 > 0 ? length - 100 : 1)}`,
      `${'d/'.repeat(length)}`.slice(0, length - (length % 2)).concat('n'),
    ]);
    for (const name of names) {
      const files = [{ name, mode: 0o644, bytes: Buffer.from('x') }];
      expect((await byUs(files, 'bytes')).equals(await byTarStream(files)), name).toBe(true);
    }
  });

  it('has them with files larger than its buffers, at every offset to them', async () => {
    const large = randomBytes((1 << 22) * 2 + 513);
    const files = [1, (1 << 22) - 1024, (1 << 22) - 1536, large.length].map((length, index) => ({
      name: `file${index}`,
      mode: 0o755,
      bytes: large.subarray(0, length),
    }));
    const expected = await byTarStream(files);
    for (const as of ['bytes', 'files'] as const) {
      expect((await byUs(files, as)).equals(expected)).toBe(true);
    }
  });

  it.each([8 ** 11 - 1, 8 ** 11, 2 ** 40])('tells a file of %d bytes', async (size) => {
    const tar = pack();
    tar.on('error', () => {});
    tar.entry({ name: 'large', mode: 0o644, mtime, size });
    const header = await new Promise((done) => tar.once('data', done));
    tar.destroy();
    expect(tarHeader({ name: 'large', mode: 0o644, size })).toEqual(header);
  });

  it('takes no file that is longer or shorter than was said', async () => {
    const root = temporaryFolder('tar');
    writeFileSync(join(root, 'file'), 'four');
    const tar = await createTar(join(root, 'it.tar'));
    for (const size of [0, 3, 5]) {
      expect(await tar.addFrom({ name: 'file', mode: 0o644 }, join(root, 'file'), size)).toBeNull();
    }
    await tar.close();
  });
});

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Module, readPack, writePack } from '../../../src/layout/bytecode/bytecodePack.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const compiled = (path: string, source = path, bytes = `compiled ${path} ${source}`) => ({
  module: { path, sha256: sha256(source) },
  bytes: Buffer.from(bytes),
});
const NOTHING = readPack('/nowhere');

async function packOf(...used: ReturnType<typeof compiled>[]): Promise<string> {
  const file = join(temporaryFolder('pack'), 'bytecode', 'identity');
  await writePack(file, used, NOTHING);
  return file;
}

describe('a pack of compiled modules', () => {
  const [a, b, c] = [compiled('lib/a.py'), compiled('lib/ä.py'), compiled('lib/c.py', 'c', '')] as const;

  it('gives what was put in, by path and source', async () => {
    const pack = readPack(await packOf(a, b, c));
    for (const { module, bytes } of [a, b, c]) expect(pack.take(module)).toEqual(bytes);
    expect(pack.take({ ...a.module, path: 'lib/other.py' })).toBeNull();
    expect(pack.take({ ...a.module, sha256: b.module.sha256 })).toBeNull();
  });

  it('with any byte changed, or cut off anywhere, gives what was put in or nothing', async () => {
    const file = await packOf(a, b);
    const whole = readFileSync(file);
    const check = (bytes: Buffer): number => {
      writeFileSync(file, bytes);
      const pack = readPack(file);
      return [a, b].filter(({ module, bytes }) => {
        const found = pack.take(module);
        if (found !== null) expect(found).toEqual(bytes);
        return found === null;
      }).length;
    };
    let lost = 0;
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ by;
        lost += check(flipped);
      }),
      { numRuns: 300 },
    );
    expect(lost).toBeGreaterThan(200);
    for (let length = 0; length < whole.length; length += 7) {
      expect(check(whole.subarray(0, length))).toBeGreaterThan(0);
    }
  });

  it('keeps of what was used before as much as there is room for, the last used first', async () => {
    const file = await packOf(a);
    const named = (text: string) => compiled(text, text, text.repeat(100));
    const put = (limit: number, ...texts: string[]) =>
      writePack(file, texts.map(named), readPack(file), limit);
    const left = (): readonly string[] => readPack(file).modules.map(({ path }: Module) => path);
    await put(1000, '1', '2');
    expect(left()).toEqual(['1', '2', 'lib/a.py']);
    await put(1000, '2', '3');
    expect(left()).toEqual(['2', '3', '1', 'lib/a.py']);
    await put(300, '4');
    expect(left()).toEqual(['4', '2', '3']);
    await put(100, '5', '6');
    expect(left()).toEqual(['5']);
    expect(readdirSync(join(file, '..'))).toEqual(['identity']);
  });

  it.each([0o620, 0o602])('is nobody’s where others can write to it (%o)', async (mode) => {
    const file = await packOf(a);
    chmodSync(file, mode);
    expect(readPack(file).take(a.module)).toBeNull();
  });

  it('that can’t be written leaves nothing behind', async () => {
    const root = temporaryFolder('pack');
    writeFileSync(join(root, 'bytecode'), '');
    await expect(writePack(join(root, 'bytecode', 'identity'), [a], NOTHING)).rejects.toThrow();
    expect(existsSync(join(root, 'bytecode', 'identity'))).toBe(false);
  });
});

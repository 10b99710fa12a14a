import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { installOnce } from '../../../src/toolchain/installOnce.ts';
import { temporaryFolder } from '../../support/tmp.ts';

test('installs once, however many ask at the same time', async () => {
  const folder = join(temporaryFolder(), 'tool');
  let times = 0;
  const install = async (part: string): Promise<void> => {
    times += 1;
    writeFileSync(join(part, 'file'), 'x');
  };
  await Promise.all([installOnce(folder, install), installOnce(folder, install)]);
  await installOnce(folder, install);
  expect(times).toBe(1);
  expect(readdirSync(folder)).toEqual(['file']);
});

test('what fails half way leaves nothing, and is tried again', async () => {
  const root = temporaryFolder();
  const folder = join(root, 'tool');
  const failing = async (part: string): Promise<void> => {
    writeFileSync(join(part, 'half'), 'x');
    throw new Error('disk full');
  };
  await expect(installOnce(folder, failing)).rejects.toThrow('disk full');
  expect(readdirSync(root)).toEqual([]);
  await installOnce(folder, async () => {});
  expect(readdirSync(root)).toEqual(['tool']);
});

test('the first of two processes stands', async () => {
  const folder = join(temporaryFolder(), 'tool');
  await installOnce(folder, async (part) => {
    writeFileSync(join(part, 'file'), 'second');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'first');
    writeFileSync(join(folder, 'more'), 'first');
  });
  expect(readdirSync(folder)).toEqual(['file', 'more']);
});

test('parts of jobs that died long ago are removed, those of living ones are not', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'tool.part-1'));
  await installOnce(join(root, 'tool'), async () => {});
  expect(readdirSync(root).sort()).toEqual(['tool', 'tool.part-1']);
  rmSync(join(root, 'tool'), { recursive: true });
  vi.useFakeTimers({ now: Date.now() + 2 * 60 * 60 * 1000, toFake: ['Date'] });
  try {
    await installOnce(join(root, 'tool'), async () => {});
  } finally {
    vi.useRealTimers();
  }
  expect(readdirSync(root)).toEqual(['tool']);
});

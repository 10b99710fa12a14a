import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storeKey, wheelStore } from '../../../src/build/store.ts';
import { describeWheel } from '../../../src/build/wheelFile.ts';
import { temporaryFolder } from '../../support/tmp.ts';

async function kept() {
  const root = temporaryFolder();
  const folder = join(root, 'built');
  mkdirSync(folder);
  writeFileSync(join(folder, 'six-1-py3-none-any.whl'), 'six');
  writeFileSync(join(folder, 'rich-2-py3-none-any.whl'), 'rich');
  const names = readdirSync(folder).sort();
  const wheels = await Promise.all(names.map((name) => describeWheel(join(folder, name))));
  const store = wheelStore(join(root, 'store'));
  await store.keep('key', wheels);
  const target = join(root, 'target');
  mkdirSync(target);
  return { root, store, wheels, target };
}

test('gives back what was kept under a key, and nothing under another', async () => {
  const { store, wheels, target } = await kept();
  expect(await store.take('other', target)).toBeNull();
  const taken = await store.take('key', target);
  expect(taken?.map((wheel) => wheel.sha256)).toEqual(wheels.map((wheel) => wheel.sha256));
  expect(readdirSync(target).sort()).toEqual(['rich-2-py3-none-any.whl', 'six-1-py3-none-any.whl']);
});

test('a wheel that is not what it was is no hit, and nothing is left of the others', async () => {
  const { root, store, wheels, target } = await kept();
  const [, six] = wheels;
  const stored = join(root, 'store', 'wheels', six?.sha256 ?? '', 'six-1-py3-none-any.whl');
  rmSync(stored);
  writeFileSync(stored, 'evil');
  expect(await store.take('key', target)).toBeNull();
  expect(readdirSync(target)).toEqual([]);
  await store.keep('key', wheels);
  expect(await store.take('key', target)).toHaveLength(2);
});

test('a record that was cut is no hit', async () => {
  const { root, store, target } = await kept();
  writeFileSync(join(root, 'store', 'resolved', 'key.json'), '[{"file":');
  expect(await store.take('key', target)).toBeNull();
});

test('keys differ where the parts do, whatever their borders', () => {
  expect(storeKey(['a', 'bc'])).not.toBe(storeKey(['ab', 'c']));
});

test('what is taken and kept again leaves one name', async () => {
  const { root, store, wheels, target } = await kept();
  const [rich] = wheels;
  const path = join(target, 'rich-2-py3-none-any.whl');
  expect(await store.one(rich?.sha256 ?? '', path)).toBe(true);
  await store.keep('other', [await describeWheel(path)]);
  const folder = join(root, 'store', 'wheels', rich?.sha256 ?? '');
  expect(readdirSync(folder)).toEqual(['rich-2-py3-none-any.whl']);
});

test('one wheel is given back by its hash, and not if it is not what it was', async () => {
  const { root, store, wheels, target } = await kept();
  const [rich] = wheels;
  const sha256 = rich?.sha256 ?? '';
  const path = join(target, 'rich-2-py3-none-any.whl');
  expect(await store.one('0'.repeat(64), path)).toBe(false);
  rmSync(join(root, 'built', 'rich-2-py3-none-any.whl'));
  writeFileSync(join(root, 'store', 'wheels', sha256, 'rich-2-py3-none-any.whl'), 'evil');
  expect(await store.one(sha256, path)).toBe(false);
  expect(readdirSync(target)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { caveats, misfit } from '../../../src/layout/fit.ts';
import type { LayoutInfo, Platform } from '../../../src/layout/manifest.ts';
import { BASE, INFO } from './tree.ts';

const HERE: Platform = { os: 'linux', architecture: 'x64', libc: 'glibc 2.36' };
const FREE = 'cpython-312t-x86_64-linux-gnu';

const made = (
  soabi: string,
  platform: Platform | null = null,
  more: Partial<LayoutInfo> = {},
): LayoutInfo => ({
  ...INFO,
  ...more,
  interpreter: { ...INFO.interpreter, soabi },
  platform,
});

describe('a layout with compiled code', () => {
  test.each<[string, Platform]>([
    ['linux arm64 glibc', { ...HERE, architecture: 'arm64' }],
    ['linux x64 musl', { ...HERE, libc: 'musl' }],
    ['darwin x64', { os: 'darwin', architecture: 'x64', libc: null }],
  ])('for %s is none for this machine, whatever its form', (words, platform) => {
    for (const layout of ['venv', 'zipapp', 'onedir', 'onefile'] as const) {
      expect(misfit(made(BASE.soabi, platform, { layout }), BASE, HERE)).toBe(
        `the layout holds compiled code for ${words}, and this machine is linux x64 glibc`,
      );
    }
  });

  test('fits another glibc; one that carries its own Python says so where that glibc is older', () => {
    const info = made(BASE.soabi, { ...HERE, libc: 'glibc 2.100' }, { layout: 'onefile' });
    expect(misfit(info, null, HERE)).toBeNull();
    expect(caveats(info, null, HERE)).toEqual([
      'the layout was made with glibc 2.100, this machine has glibc 2.36',
    ]);
    expect(caveats({ ...info, layout: 'venv' }, BASE, HERE)).toEqual([]);
    for (const libc of ['glibc 2.100', 'glibc 3.0', 'musl'])
      expect(caveats(info, null, { ...HERE, libc })).toEqual([]);
  });

  test('needs the very ABI, one of Python alone its implementation and X.Y', () => {
    const arm = BASE.soabi.replace('x86_64', 'aarch64');
    expect(misfit(made(arm, HERE), BASE, HERE)).toBe(
      `the layout is for the ABI ${arm}, and that of ${BASE.python} is ${BASE.soabi}`,
    );
    expect(misfit(made(arm), BASE, HERE)).toBeNull();
    expect(misfit(made(FREE), BASE, HERE)).toBe(
      `the layout is for the ABI cpython-312t, and that of ${BASE.python} is cpython-312`,
    );
    expect(misfit(made(FREE), { ...BASE, soabi: FREE }, HERE)).toBeNull();
  });
});

test('an ABI that an interpreter could not tell is no reason to refuse', () => {
  expect(misfit(made('', HERE), BASE, HERE)).toBeNull();
  expect(misfit(made(FREE), { ...BASE, soabi: '' }, HERE)).toBeNull();
});

test('a layout of Python alone fits every machine that has its Python', () => {
  const far: Platform = { os: 'darwin', architecture: 'arm64', libc: null };
  expect(misfit(made(BASE.soabi), BASE, far)).toBeNull();
  expect(misfit(made(BASE.soabi), null, far)).toBe('the layout is for CPython 3.12, and no Python was found');
});

test('another patch of its Python is told', () => {
  const other = { ...BASE, version: '3.12.9' };
  expect(misfit(made(BASE.soabi), other, HERE)).toBeNull();
  expect(caveats(made(BASE.soabi), other, HERE)).toEqual([
    'the layout was checked with Python 3.12.1, this is 3.12.9',
  ]);
});

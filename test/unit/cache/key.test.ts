import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheKey, changedParts, type KeyMaterial } from '../../../src/cache/key.ts';
import { isVersionOf, nextVersion } from '../../../src/cache/version.ts';

const OTHER = { name: 'attrs', sha256: 'b'.repeat(64) };
const DEPENDENCIES = [
  { name: 'rich', sha256: 'a'.repeat(64) },
  { ...OTHER, name: 'click' },
];

const changed = (change: Partial<(typeof DEPENDENCIES)[number]>) =>
  DEPENDENCIES.map((one, index) => (index === 0 ? { ...one, ...change } : one));

const MATERIAL: KeyMaterial = {
  name: 'greeter',
  projectRecord: 'greeter/__init__.py,sha256=abc,10\ngreeter-1.0.dist-info/RECORD,,\n',
  sources: null,
  dependencies: DEPENDENCIES,
  asked: [],
  wheels: ['rich-1.0-py3-none-any.whl', 'attrs-1.0-py3-none-any.whl'],
  python: {
    implementation: 'CPython',
    version: '3.12.1',
    soabi: 'cpython-312-x86_64-linux-gnu',
    build: null,
  },
  platform: { os: 'linux', architecture: 'x64', libc: 'glibc 2.36', distribution: 'debian 12' },
  builder: { name: 'pex', version: '2.105.2', args: [], entry: 'script greeter', layout: 'venv' },
  suffix: null,
  compression: 'zstd',
};
const BUILT_HERE = ['mine-1.0-cp312-cp312-linux_x86_64.whl'];

/** Every fact, a change of it, and the one part that must change with it. */
const CHANGES: [string, Partial<KeyMaterial>, string][] = [
  ['a file of the project', { projectRecord: 'greeter/__init__.py,sha256=abd,10\n' }, 'project'],
  ['a plain file', { sources: 'c'.repeat(64) }, 'project'],
  ['a dependency', { dependencies: changed({ sha256: 'c'.repeat(64) }) }, 'dependencies'],
  ["a dependency's name", { dependencies: changed({ name: 'poor' }) }, 'dependencies'],
  ['one more dependency', { dependencies: [...DEPENDENCIES, OTHER] }, 'dependencies'],
  ['one less', { dependencies: DEPENDENCIES.slice(1) }, 'dependencies'],
  ['what is asked for beside the project', { asked: ['click'] }, 'dependencies'],
  ['an extra of that name', { asked: ['[click]'] }, 'dependencies'],
  ['the patch of Python', { python: { ...MATERIAL.python, version: '3.12.2' } }, 'python'],
  ['the implementation', { python: { ...MATERIAL.python, implementation: 'PyPy' } }, 'python'],
  ['the ABI', { python: { ...MATERIAL.python, soabi: 'cpython-312d-x86_64-linux-gnu' } }, 'python'],
  ['the system', { platform: { ...MATERIAL.platform, os: 'darwin' } }, 'platform'],
  ['the architecture', { platform: { ...MATERIAL.platform, architecture: 'arm64' } }, 'platform'],
  ['the libc', { platform: { ...MATERIAL.platform, libc: 'musl 1.2' } }, 'platform'],
  ['no libc', { platform: { ...MATERIAL.platform, libc: null } }, 'platform'],
  ['the builder', { builder: { ...MATERIAL.builder, name: 'shiv' } }, 'builder'],
  ["the builder's version", { builder: { ...MATERIAL.builder, version: '2.28.1' } }, 'builder'],
  ['its arguments', { builder: { ...MATERIAL.builder, args: ['--x'] } }, 'builder'],
  ['the layout', { builder: { ...MATERIAL.builder, layout: 'zipapp' } }, 'builder'],
  ['the entry', { builder: { ...MATERIAL.builder, entry: 'module greeter' } }, 'entry'],
  ['the suffix', { suffix: 'two' }, 'suffix'],
  ['the compression', { compression: 'gzip' }, 'compression'],
  ['a wheel built here', { wheels: BUILT_HERE }, 'distribution'],
];

describe('the key of a layout', () => {
  it.each(CHANGES)('changes with %s, and says so', (_, change, part) => {
    const before = cacheKey(MATERIAL);
    const after = cacheKey({ ...MATERIAL, ...change });
    expect(after.key).not.toBe(before.key);
    expect(changedParts(after, before.key)).toEqual([part]);
  });

  it('with an interpreter that is packed is bound to its build, and to the system whose libraries go with it', () => {
    const packed = (build: string, distribution = 'debian 12') =>
      cacheKey({
        ...MATERIAL,
        python: { ...MATERIAL.python, build },
        platform: { ...MATERIAL.platform, distribution },
      });
    const before = packed('3.12.1 (main)').key;
    expect(changedParts(packed('3.12.1 (v2)'), before)).toEqual(['python']);
    expect(changedParts(packed('3.12.1 (main)', 'debian 13'), before)).toEqual(['distribution']);
  });

  it('has no part that no fact changes, but for the format of what is kept', () => {
    const tried = new Set(CHANGES.map(([, , part]) => part));
    const parts = cacheKey(MATERIAL).parts.map(({ name }) => name);
    expect(parts.filter((name) => !tried.has(name))).toEqual(['format']);
  });

  it('tells programs apart by their name, and the later versions of an entry from no other', () => {
    const mine = cacheKey(MATERIAL);
    expect(cacheKey({ ...MATERIAL, name: 'other' }).key).not.toBe(mine.key);
    expect(changedParts(cacheKey({ ...MATERIAL, suffix: 'two' }), `${mine.key}.2`)).toEqual(['suffix']);
    expect(isVersionOf(`${mine.key}.2`, mine.key)).toBe(true);
    for (const other of [`${mine.key}.1`, `${mine.key}.22`, `${mine.key}2`, mine.key.slice(0, -1)]) {
      expect(isVersionOf(other, mine.key)).toBe(false);
    }
    expect(nextVersion(mine.key, mine.key)).toBe(`${mine.key}.2`);
    expect(nextVersion(`${mine.key}.8`, mine.key)).toBe(`${mine.key}.9`);
    expect(nextVersion(`${mine.key}.9`, mine.key)).toBeNull();
  });

  it('does not change with the order of files, dependencies or lines', () => {
    const other = {
      ...MATERIAL,
      dependencies: MATERIAL.dependencies.toReversed(),
      projectRecord: MATERIAL.projectRecord?.split('\n').toReversed().join('\r\n') ?? null,
    };
    expect(cacheKey(other)).toEqual(cacheKey(MATERIAL));
  });

  it('knows the distribution only where a wheel was built for it', () => {
    const elsewhere = { ...MATERIAL.platform, distribution: 'ubuntu 24.04' };
    expect(cacheKey({ ...MATERIAL, platform: elsewhere }).key).toBe(cacheKey(MATERIAL).key);
    const here = { ...MATERIAL, wheels: BUILT_HERE };
    const there = cacheKey({ ...here, platform: elsewhere });
    expect(changedParts(there, cacheKey(here).key)).toEqual(['distribution']);
    const ready = [
      'numpy-2-cp312-cp312-manylinux_2_17_x86_64.whl',
      'x-1-cp312-cp312-musllinux_1_2_x86_64.whl',
    ];
    expect(cacheKey({ ...MATERIAL, wheels: ready }).key).toBe(cacheKey(MATERIAL).key);
  });

  it('is fit for the cache service and for a file name, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.array(fc.string()), (name, entry, args) => {
        const { key, prefixes } = cacheKey({
          ...MATERIAL,
          name,
          builder: { ...MATERIAL.builder, entry, args },
        });
        expect(key).toMatch(/^[A-Za-z0-9._-]{1,240}$/);
        for (const prefix of prefixes) expect(key.startsWith(prefix)).toBe(true);
        // With the key itself these are the ten that the service takes.
        expect(prefixes.length).toBeLessThanOrEqual(9);
        expect(prefixes.map((prefix) => prefix.length)).toEqual(
          prefixes.map((prefix) => prefix.length).toSorted((a, b) => b - a),
        );
      }),
    );
  });

  it('shares its longest beginning with an entry of the same program at another commit', () => {
    const before = cacheKey(MATERIAL);
    const after = cacheKey({ ...MATERIAL, projectRecord: 'other' });
    expect(before.key.startsWith(after.prefixes[0] ?? '-')).toBe(true);
  });

  it('says nothing about a key of another form', () => {
    for (const other of [
      '',
      'setup-uv-1',
      'exitproof-layout-0-greeter-abc.def',
      `${cacheKey(MATERIAL).key}.x`,
    ]) {
      expect(changedParts(cacheKey(MATERIAL), other)).toBeNull();
    }
  });

  it('has parts that can be printed: one line each, and no two facts run into one', () => {
    for (const part of cacheKey(MATERIAL).parts)
      expect(`${part.name}: ${part.value}`).toMatch(/^[^\n]{1,200}$/);
    const joined = cacheKey({ ...MATERIAL, builder: { ...MATERIAL.builder, args: ['a b'] } });
    const apart = cacheKey({ ...MATERIAL, builder: { ...MATERIAL.builder, args: ['a', 'b'] } });
    expect(joined.key).not.toBe(apart.key);
  });
});

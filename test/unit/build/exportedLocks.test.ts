import { describe, expect, test } from 'vitest';
import {
  backendIndexes,
  bridgedIndexes,
  isPrivate,
  lockIndexes,
  refuseContradiction,
  uvIndexes,
} from '../../../src/build/indexes.ts';
import { readPipIndexes } from '../../../src/build/pipSettings.ts';
import { fromPylock } from '../../../src/build/pylock.ts';

const INDEX = 'https://index.example/simple';

describe('pylock.toml', () => {
  const file = (sum: string): object => ({ hashes: { sha256: sum } });
  const packages = [
    { name: 'app', directory: { path: '.' } },
    { name: 'six', version: '1.0', index: INDEX, wheels: [file('aa')], sdist: file('bb') },
    {
      name: 'rich',
      version: '2.0',
      marker: "python_version > '3.8' and 'nice' in extras",
      wheels: [file('cc')],
    },
    { name: 'lib', directory: { path: 'libs/lib' } },
    { name: 'tool', vcs: { type: 'git', url: 'https://host/tool', 'commit-id': 'abc' } },
  ];

  test('gives hashed requirements, local ones apart, and not the project itself', () => {
    const exported = fromPylock({ 'lock-version': '1.0', packages }, ['nice'], 'app');
    expect(exported.hashed).toEqual([
      'six==1.0 --hash=sha256:aa --hash=sha256:bb',
      "rich==2.0 ; python_version > '3.8' and python_version > '0' --hash=sha256:cc",
    ]);
    expect(exported.local).toEqual(['./libs/lib', 'tool @ git+https://host/tool@abc']);
    expect(exported.indexes).toEqual([INDEX]);
  });

  test('an extra that is not asked for is settled as false', () => {
    const [, rich] = fromPylock({ packages }, [], 'app').hashed;
    expect(rich).toContain("python_version < '0'");
  });

  test('packages of another shape are a settings problem', () => {
    expect(() => fromPylock({ packages: [{ version: '1' }] }, [], null)).toThrow(
      expect.objectContaining({
        kind: 'settings',
        message: expect.stringContaining('pylock.toml is not a lock'),
      }),
    );
  });
});

describe("uv.lock and pip's variables", () => {
  const table = {
    package: [
      { name: 'six', source: { registry: INDEX } },
      { name: 'app', source: { editable: '.' } },
      { name: 'own', source: { registry: 'https://private.example/simple' } },
      { name: 'rich', source: { registry: INDEX } },
    ],
  };

  test('the indexes of the lock, each once', () => {
    expect(lockIndexes(table)).toEqual([INDEX, 'https://private.example/simple']);
  });

  test.each([
    { PIP_INDEX_URL: 'https://user:pw@other.example/simple' },
    { PIP_EXTRA_INDEX_URL: `${INDEX} https://user:pw@other.example/simple` },
    { PIP_NO_INDEX: '1' },
  ])('a contradiction is a settings problem without the credentials: %o', (env) => {
    expect(() => refuseContradiction('uv.lock', [INDEX], env)).toThrow(
      expect.objectContaining({ kind: 'settings', message: expect.not.stringContaining('pw') }),
    );
  });

  test('the same index, with credentials or a slash at its end, is no contradiction', () => {
    const env = { PIP_INDEX_URL: 'https://user:pw@index.example/simple/', PIP_NO_INDEX: '0' };
    expect(() => refuseContradiction('uv.lock', [INDEX], env)).not.toThrow();
  });

  const PRIVATE = 'https://private.example/simple';

  test("pip is given the lock's indexes with the login that uv would use, and no other index", () => {
    const pyproject = { tool: { uv: { index: [{ name: 'my-own', url: PRIVATE }] } } };
    const env = { UV_INDEX_MY_OWN_USERNAME: 'me', UV_INDEX_MY_OWN_PASSWORD: 'p@ss' };
    const known = uvIndexes(pyproject, env).map(({ url }) => url);
    expect(bridgedIndexes([INDEX, PRIVATE], known)).toEqual({
      PIP_INDEX_URL: INDEX,
      PIP_EXTRA_INDEX_URL: 'https://me:p%40ss@private.example/simple',
    });
    expect(bridgedIndexes([INDEX], [])).toEqual({ PIP_INDEX_URL: INDEX, PIP_EXTRA_INDEX_URL: INDEX });
    expect([INDEX, 'https://pypi.org/simple/'].map(isPrivate)).toEqual([true, false]);
  });

  test('build backends come from the index that the project calls its default, if it does', () => {
    const entry = { name: 'a', url: PRIVATE, default: true };
    const of = (index: readonly object[], env = {}) =>
      backendIndexes(uvIndexes({ tool: { uv: { index } } }, env), env);
    expect(of([entry, { url: 'https://b.example' }, { url: 'https://c.example', explicit: true }])).toEqual([
      PRIVATE,
      'https://b.example',
    ]);
    expect(of([], { UV_DEFAULT_INDEX: 'own=https://me:pw@d.example' })).toEqual(['https://me:pw@d.example']);
    expect(of([{ ...entry, default: false }])).toEqual([]);
    expect(of([entry], { PIP_INDEX_URL: INDEX })).toEqual([]);
  });

  test("what pip's own files say is read as pip tells it, the environment over the files", () => {
    const text = [
      ":env:.index-url='https://e.example/simple'",
      "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'",
      "global.index-url='https://g.example/simple'",
      "install.index-url='https://other.example'",
    ].join('\n');
    expect(readPipIndexes(text)).toEqual({
      index: 'https://e.example/simple',
      extra: ['https://a.example', 'https://b.example'],
    });
    expect(readPipIndexes("global.cert='/x'\n")).toEqual({ index: null, extra: [] });
  });
});

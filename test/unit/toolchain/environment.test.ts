import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { maskCredentials } from '../../../src/toolchain/exec.ts';
import { cacheRoot } from '../../../src/toolchain/paths.ts';
import { ownToolEnvironment, toolEnvironment } from '../../../src/toolchain/toolEnvironment.ts';
import { temporaryFolder } from '../../support/tmp.ts';

test("which index is asked stays the user's decision; what would bend a build is gone", () => {
  const env = {
    PIP_INDEX_URL: 'https://index.example/simple',
    PIP_CONSTRAINT: 'c.txt',
    PIP_TARGET: '/elsewhere',
    PIP_REQUIRE_VIRTUALENV: '1',
    PEX_SCRIPT: 'x',
    PYTHONPATH: '/leak',
    VIRTUAL_ENV: '/venv',
    HTTPS_PROXY: 'http://proxy',
  };
  const result = toolEnvironment(env);
  expect(result).toMatchObject({
    PIP_INDEX_URL: env.PIP_INDEX_URL,
    HTTPS_PROXY: env.HTTPS_PROXY,
    PIP_CONSTRAINT: 'c.txt',
  });
  expect(result).toMatchObject({ PIP_REQUIRE_VIRTUALENV: '0', PIP_NO_INPUT: '1' });
  for (const name of ['PIP_TARGET', 'PEX_SCRIPT', 'PYTHONPATH', 'VIRTUAL_ENV'])
    expect(result).not.toHaveProperty(name);
  expect(ownToolEnvironment(env)).not.toHaveProperty('PIP_CONSTRAINT');
});

test('credentials in an address are masked', () => {
  expect(maskCredentials('from https://user:s3cret@index.example/simple and http://a@b/')).toBe(
    'from https://****@index.example/simple and http://****@b/',
  );
});

test('the cache lies in XDG_CACHE_HOME, else in the home, else in a private folder', () => {
  const root = temporaryFolder();
  expect(cacheRoot({ XDG_CACHE_HOME: root, HOME: '/nowhere' })).toBe(join(root, 'exitproof'));
  expect(cacheRoot({ XDG_CACHE_HOME: 'relative', HOME: root })).toBe(join(root, '.cache', 'exitproof'));
  vi.stubEnv('TMPDIR', root);
  const fallback = cacheRoot({});
  vi.unstubAllEnvs();
  expect(fallback.startsWith(tmpdir())).toBe(true);
  expect(statSync(fallback).mode & 0o777).toBe(0o700);
});

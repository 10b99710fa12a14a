import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildSystem } from '../../../src/build/buildSystem.ts';
import { bendingPipSettings, plainPipSettings } from '../../../src/build/plainPip.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const NOWHERE = { PIP_CONFIG_FILE: '/dev/null' };

function configured(text: string, env: Readonly<Record<string, string>> = {}): string | null {
  const home = temporaryFolder('home');
  mkdirSync(join(home, '.config', 'pip'), { recursive: true });
  writeFileSync(join(home, '.config', 'pip', 'pip.conf'), text);
  return (
    plainPipSettings({ HOME: home, XDG_CONFIG_DIRS: home, ...env }, '/nowhere')?.replaceAll(home, 'HOME') ??
    null
  );
}

test('another index is another text, in variables as in files', () => {
  const by = (url: string) => plainPipSettings({ ...NOWHERE, PIP_INDEX_URL: url }, '/nowhere');
  expect(by('https://a.example/simple')).not.toBeNull();
  expect(by('https://a.example/simple')).not.toBe(by('https://b.example/simple'));
  const file = (url: string) =>
    configured(`[global]\nindex-url = ${url}\nextra-index-url =\n    https://x.example\n`);
  expect(file('https://a.example')).not.toBeNull();
  expect(file('https://a.example')).toBe(file('https://a.example'));
  expect(file('https://a.example')).not.toBe(file('https://b.example'));
});

test.each([
  'PIP_CONSTRAINT',
  'PIP_BUILD_CONSTRAINT',
  'PIP_CONFIG_SETTINGS',
  'PIP_NO_BINARY',
  'PIP_PRE',
  'PIP_SOME_NEW',
])('%s bends a build', (name) => {
  expect(plainPipSettings({ ...NOWHERE, [name]: 'x' }, '/nowhere')).toBeNull();
  expect(plainPipSettings({ ...NOWHERE, [name]: '' }, '/nowhere')).not.toBeNull();
});

test.each(['constraint = c.txt', 'config-settings=a=b', 'no_binary: :all:', 'Only-Binary = :all:'])(
  'a pip.conf with %s bends a build',
  (line) => {
    expect(configured(`[install]\n${line}\n`)).toBeNull();
  },
);

test.each([
  ['no pyproject.toml', null, ['setuptools>=40.8.0'], 'setuptools.build_meta:__legacy__'],
  ['one without [build-system]', '[tool.x]\n', ['setuptools>=40.8.0'], 'setuptools.build_meta:__legacy__'],
  ['no backend', '[build-system]\nrequires = ["b", "a"]\n', ['a', 'b'], 'setuptools.build_meta:__legacy__'],
  ['both', '[build-system]\nrequires = ["a"]\nbuild-backend = "a.api"\n', ['a'], 'a.api'],
])('%s says what a project is built with, as for pip', (_, text, requires, backend) => {
  const folder = temporaryFolder('project');
  if (text !== null) writeFileSync(join(folder, 'pyproject.toml'), text);
  expect(buildSystem(folder)).toEqual({ requires, backend, backendPath: [] });
});

test.each(['build-system = 1', '[build-system]\nbuild-backend = "a"', '[build-system]\nrequires = "a"'])(
  'what pip would refuse is left to pip: %s',
  (text) => {
    const folder = temporaryFolder('project');
    writeFileSync(join(folder, 'pyproject.toml'), `${text}\n`);
    expect(buildSystem(folder)).toBeNull();
  },
);

test('what bends a build is known by its text, wherever it stands, and nothing else is', () => {
  const bent = (text: string): string | null => {
    const home = temporaryFolder('home');
    mkdirSync(join(home, '.config', 'pip'), { recursive: true });
    writeFileSync(join(home, '.config', 'pip', 'pip.conf'), text);
    return bendingPipSettings({ HOME: home, XDG_CONFIG_DIRS: home }, '/nowhere');
  };
  for (const line of ['no-binary = a', '  no-binary = a', '--no-binary = a']) {
    expect(bent(`[global]\n  timeout = 60\n${line}\n`)).toContain(line.trim());
  }
  expect(
    bent('[global]\nindex-url = https://a.example\nextra-index-url =\n    https://b.example\n'),
  ).toBeNull();
});

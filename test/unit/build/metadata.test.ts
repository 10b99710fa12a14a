import { expect, test } from 'vitest';
import { projectMetadata } from '../../../src/build/pyproject.ts';
import { consoleScripts, modulesOf } from '../../../src/build/wheelFile.ts';
import { wheelName } from '../../../src/packageIndex/wheelName.ts';

test('a project that says all of itself', () => {
  const table = {
    project: {
      name: 'My_App',
      version: '1',
      'requires-python': '>=3.9',
      scripts: { run: 'a:b' },
      'gui-scripts': { window: 'a:c' },
      'optional-dependencies': { Nice_One: [] },
    },
  };
  expect(projectMetadata(table)).toEqual({
    name: 'my-app',
    scripts: ['run', 'window'],
    extras: ['nice-one'],
    requiresPython: '>=3.9',
    standsAlone: true,
    versionFrom: null,
  });
});

test('what is dynamic is known to the build backend alone', () => {
  const table = {
    project: { name: 'app', dynamic: ['version', 'scripts'] },
    'build-system': { requires: ['setuptools'] },
  };
  expect(projectMetadata(table)).toMatchObject({ scripts: null, versionFrom: null });
  expect(projectMetadata({})).toMatchObject({ name: null, scripts: null });
});

test('that it needs nothing else is known only where it says so', () => {
  const alone = (project: object) =>
    projectMetadata({ project: { name: 'app', version: '1', ...project } }).standsAlone;
  expect([{}, { dependencies: [] }].map(alone)).toEqual([true, true]);
  expect([{ dependencies: ['six'] }, { dynamic: ['dependencies'] }].map(alone)).toEqual([false, false]);
  const poetry = (dependencies: object) =>
    projectMetadata({ tool: { poetry: { name: 'app', dependencies } } }).standsAlone;
  expect([{ python: '^3.9' }, { python: '^3.9', six: '*' }].map(poetry)).toEqual([true, false]);
  expect(projectMetadata({}).standsAlone).toBe(false);
});

test.each(['setuptools_scm[toml]>=8', 'setuptools-scm', 'hatch-vcs', 'versioningit>=2', 'pbr'])(
  'a version by git is seen by its build requirement: %s',
  (requirement) => {
    const table = {
      project: { name: 'app', dynamic: ['version'] },
      'build-system': { requires: ['x', requirement] },
    };
    expect(projectMetadata(table).versionFrom).not.toBeNull();
    expect(projectMetadata({ ...table, project: { name: 'app', version: '1' } }).versionFrom).toBeNull();
  },
);

test("poetry's older table", () => {
  const poetry = { name: 'app', scripts: { app: 'a:b' }, dependencies: { python: '^3.9' } };
  expect(projectMetadata({ tool: { poetry } })).toMatchObject({
    name: 'app',
    scripts: ['app'],
    requiresPython: null,
  });
});

test('scripts of an entry_points.txt', () => {
  const text =
    '[console_scripts]\nrun = a:b\n# no\nwalk=a:c [extra]\n\n[other]\nx = y:z\n[gui_scripts]\nwindow = a:d\n';
  expect(consoleScripts(text)).toEqual(['run', 'walk', 'window']);
});

test("modules of a wheel's files", () => {
  expect(modulesOf('app/cli.py')).toEqual(['app', 'app.cli']);
  expect(modulesOf('app/__init__.py')).toEqual(['app']);
  expect(modulesOf('app-1.data/purelib/six.py')).toEqual(['six']);
  expect(modulesOf('app/_fast.cpython-312-x86_64-linux-gnu.so')).toEqual(['app', 'app._fast']);
  expect(modulesOf('app-1.dist-info/METADATA')).toEqual([]);
});

test("a wheel's name is normalised", () => {
  expect(wheelName('/x/My_App-1.0+local-py3-none-any.whl')).toEqual({
    name: 'my-app',
    version: '1.0+local',
    tags: ['py3-none-any'],
  });
});

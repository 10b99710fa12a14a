import { describe, expect, test } from 'vitest';
import { smokeEnvironment } from '../../../src/build/environment.ts';
import type { Entry, Wheelhouse } from '../../../src/build/model.ts';
import { pexArguments } from '../../../src/build/pex.ts';
import { explainFlag } from '../../../src/build/pexFlags.ts';

const wheel = (name: string, version: string) => ({
  path: `/w/${name.replace('-', '_')}-${version}-py3-none-any.whl`,
  name,
  sha256: '',
});
const wheelhouse: Wheelhouse = {
  folder: '/w',
  dependencies: [wheel('six', '1.17')],
  project: wheel('my-app', '2.0'),
  sources: { folder: '/s', main: null, sha256: null },
  reused: [],
};
const interpreter = { path: '/py', version: '3.9.18', implementation: 'CPython' };

function argv(
  entry: Entry,
  kind: 'project' | 'folder' = 'project',
  layout: 'venv' | 'zipapp' = 'venv',
): string {
  const builder = { name: 'pex', version: '2.28.1', args: ['--scie', 'eager'], sha256: null } as const;
  const source = { kind, folder: '/original' } as const;
  return pexArguments(
    { interpreter, entry, source, extras: ['nice'], builder },
    wheelhouse,
    layout,
    '/o.pex',
  ).join(' ');
}

describe('pexArguments', () => {
  test('build for the chosen Python alone, and pin all of the wheelhouse', () => {
    const line = argv({ kind: 'script', name: 'run', from: '' });
    expect(line).toContain('--python-path /py --interpreter-constraint CPython==3.9.*');
    expect(line).toContain('--pre-resolved-dists /w my-app[nice]==2.0 six==1.17');
    expect(line).toContain('--console-script run --venv prepend --sh-boot --venv-site-packages-copies');
    expect(line).toContain('--scie eager --output-file /o.pex');
  });

  test('a zipapp has no venv flags', () => {
    const line = argv({ kind: 'script', name: 'run', from: '' }, 'project', 'zipapp');
    expect(line).not.toContain('--venv');
    expect(line).toContain('--sh-boot');
  });

  test("a folder's file is run as a module, so that it keeps its name, with what lies beside it", () => {
    const line = argv({ kind: 'file', path: 'tools/run.py', from: '' }, 'folder');
    expect(line).toContain('--sources-directory /s --sources-directory /s/tools --entry-point run');
    expect(argv({ kind: 'file', path: 'tools/run.py', from: '' })).toContain('--executable /s/tools/run.py');
  });

  test('functions and modules', () => {
    expect(argv({ kind: 'function', target: 'a:b', from: '' })).toContain('--entry-point a:b');
    expect(argv({ kind: 'module', name: 'a.b', from: '' })).toContain('--entry-point a.b');
  });
});

test('a flag that this pex does not have names the first one that does', () => {
  const stderr = 'usage: …\npex: error: unrecognized arguments: --venv-repository=x';
  expect(explainFlag(stderr, ['--venv-repository=x'], '2.58.0')?.message).toContain(
    'first version that has it is 2.59.0',
  );
  expect(explainFlag('unrecognized arguments: --odd', ['--odd'], '2.58.0')?.message).toBe(
    'builder-args: pex 2.58.0 has no flag --odd.',
  );
  expect(explainFlag('Could not find script', ['--odd'], '2.58.0')).toBeNull();
});

test("the smoke's environment hides nothing that was not packed, and finds its interpreter first", () => {
  const env = {
    PATH: '/usr/bin',
    PEX_SCRIPT: 'x',
    PYTHONPATH: '/src',
    VIRTUAL_ENV: '/v',
    LANG: 'C',
    GONE: undefined,
  };
  expect(
    smokeEnvironment(env, { ...interpreter, path: '/opt/py/bin/python3' }, { PEX_ROOT: '/root' }),
  ).toEqual({
    PATH: '/opt/py/bin:/usr/bin',
    LANG: 'C',
    PEX_ROOT: '/root',
  });
});

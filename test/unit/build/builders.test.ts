import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readFlags } from '../../../src/build/builderArgs.ts';
import { builderOf } from '../../../src/build/builders.ts';
import { smokeEnvironment } from '../../../src/build/environment.ts';
import type { Entry, Wheelhouse } from '../../../src/build/model.ts';
import { pyinstallerArguments } from '../../../src/build/pyinstallerArguments.ts';
import { shivArguments } from '../../../src/build/shiv.ts';
import { startCode, startOf } from '../../../src/build/start.ts';
import { artifactPath } from '../../../src/job/names.ts';
import { treeDigest } from '../../../src/layout/manifest.ts';
import { withoutTool } from '../../../src/toolchain/packager.ts';
import { anyPython } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';

const CPYTHON = { path: '/py', version: '3.12.1', implementation: 'CPython', soabi: 'cpython-312' };
const interpreter = { ...CPYTHON, platform: 'linux-x86_64', from: 'PATH' };
const WHEELS: Wheelhouse = {
  folder: '/w',
  dependencies: [],
  project: null,
  sources: { folder: '/s', main: '/m/__main__.py', sha256: null },
  reused: [],
};

describe('builder-args', () => {
  const FLAGS = { '--fast': 'alone', '-f': 'alone', '--python': 'value' } as const;

  test('are read with their values, however those are written', () => {
    expect(readFlags('b', ['--python', 'a', '-f', '--python=b=c'], FLAGS)).toEqual([
      { flag: '--python', value: 'a' },
      { flag: '-f', value: null },
      { flag: '--python', value: 'b=c' },
    ]);
  });

  test.each([
    [['--slow'], 'builder-args: got "--slow", takes --fast, --python with the builder b.'],
    [['word'], 'builder-args: got "word", takes --fast, --python with the builder b.'],
    [['--fast=1'], 'builder-args: got "--fast=1", takes --fast, --python with the builder b.'],
    [['--python'], 'builder-args: got "--python", takes --python with a value with the builder b.'],
    [['constructor'], /got "constructor"/],
  ])('%j are refused in one sentence', (args, sentence) => {
    expect(() => readFlags('b', args, FLAGS)).toThrow(sentence);
  });
});

describe('what a builder cannot do is one sentence before anything is built', () => {
  test.each([
    ['zipapp', '3.0', [], /^builder-version: got "3\.0", takes nothing with the builder zipapp/],
    ['zipapp', null, ['--main', 'x'], /^builder-args: got "--main", takes --compress, --python/],
    ['shiv', '0.5.2', [], 'builder-version: shiv 0.5.2 is too old; 1.0.0 is the oldest supported.'],
    ['shiv', '1', [], null],
    ['shiv', 'newest', [], /^builder-version: got "newest", takes an exact version such as 1\./],
    // shiv would give it to pip, which asks an index for it.
    ['shiv', null, ['requests'], /^builder-args: got "requests", takes --compressed/],
    ['pyinstaller', '5.13.2', [], /^builder-version: pyinstaller 5\.13\.2 is too old; 6\.0\.0 is/],
    ['pyinstaller', null, ['-F'], 'builder-args: got "-F", which the setting layouts says.'],
    ['pyinstaller', null, ['--name=x'], 'builder-args: got "--name", which exitproof sets itself.'],
    ['pyinstaller', null, ['--strip', '--add-data', 'a:b'], null],
  ] as const)('%s %s %j', (name, version, args, sentence) => {
    const ask = () => builderOf(name).version(version, args, interpreter);
    if (sentence === null) expect(ask()).toMatch(/^\d/);
    else expect(ask).toThrow(sentence);
  });

  test('PyInstaller packs no PyPy', () => {
    const pypy = { ...interpreter, implementation: 'PyPy' };
    expect(() => builderOf('pyinstaller').version(null, [], pypy)).toThrow(
      "builder: pyinstaller can't pack PyPy, takes CPython.",
    );
  });
});

test('shiv is given what is reproducible, and no path of this machine but where it reads and writes', () => {
  const builder = { name: 'shiv', version: '1.0.8', args: ['--compile-pyc'], sha256: null } as const;
  expect(shivArguments({ builder, interpreter }, 'app.cli:main', '/site', '/o.pyz').join(' ')).toBe(
    '--python /usr/bin/env python3.12 --compile-pyc --reproducible --entry-point app.cli:main --site-packages /site --output-file /o.pyz',
  );
});

describe('pyinstallerArguments', () => {
  const parts = {
    layout: 'onefile',
    name: 'app',
    dist: '/w/dist/onefile',
    work: '/w',
    script: '/w/start/exitproof_start.py',
    hidden: ['app.__main__'],
    excluded: ['altgraph'],
    own: [{ distribution: 'my-app', packages: ['app'] }],
  } as const;
  const line = (...args: string[]) =>
    pyinstallerArguments({ builder: { name: 'pyinstaller', version: '6', args, sha256: null } }, parts).join(
      ' ',
    );

  test('leave out what PyInstaller alone brought, and put in all of the own wheel', () => {
    expect(line()).toContain('--hidden-import app.__main__ --exclude-module altgraph');
    expect(line()).toContain('--copy-metadata my-app --collect-data app --onefile --noconfirm');
    expect(line()).toMatch(/--distpath \/w\/dist\/onefile .* \/w\/start\/exitproof_start\.py$/);
  });

  test("take no compressor that happens to lie on PATH, but the user's own", () => {
    expect(line('--strip')).toMatch(/^--strip --noupx /);
    expect(line('--upx-dir', '/upx')).not.toContain('--noupx');
  });
});

describe('what runs', () => {
  const start = (entry: Entry, kind: 'project' | 'folder' = 'project') =>
    startOf({ entry, source: { kind, folder: '/f' } }, WHEELS);

  test.each([
    [{ kind: 'function', target: 'a.b:c.d', from: '' }, 'project', 'a.b', 'c.d', null, null],
    [{ kind: 'module', name: 'a.b', from: '' }, 'project', 'a.b', null, null, null],
    // What lies beside the file is imported by name.
    [{ kind: 'file', path: 'tools/run.py', from: '' }, 'folder', 'run', null, 'tools', null],
    [{ kind: 'file', path: 'run.py', from: '' }, 'folder', 'run', null, null, null],
    // No wheel has it: it goes in by itself.
    [
      { kind: 'file', path: 'my-tool.py', from: '' },
      'project',
      '_exitproof_file.my_tool',
      null,
      null,
      '/s/my-tool.py',
    ],
    [
      { kind: 'file', path: '__main__.py', from: '' },
      'folder',
      '_exitproof_file.main',
      null,
      null,
      '/m/__main__.py',
    ],
  ] as const)('%j in a %s', async (entry, kind, module, attribute, beside, file) => {
    expect(await start(entry, kind)).toEqual({ module, attribute, beside, file });
  });

  test('is Python that runs it', (context) => {
    const python = need(context, 'Python', anyPython());
    const run = (code: string) => spawnSync(python, ['-c', `${code}`, 'x'], { encoding: 'utf8', env: {} });
    const call = { module: 'os', attribute: 'path.isdir', beside: null, file: null };
    // `sys.exit` of what was returned is what a console script does.
    expect(run(startCode({ ...call, attribute: 'getcwd' })).stderr.trim()).toBe(process.cwd());
    const wrapped = startCode({ ...call, module: 'this', attribute: null }, 'main');
    expect(run(`${wrapped}main()\n`).stdout).toContain('The Zen of Python');
    expect(run(wrapped).stdout).toBe('');
  });
});

test("no variable of the user's steers the boot of what is watched", () => {
  const env = {
    PATH: '/bin',
    SHIV_ROOT: '/x',
    SHIV_INTERPRETER: '1',
    PYINSTALLER_RESET_ENVIRONMENT: '1',
    _PYI_ARCHIVE_FILE: 'x',
  };
  const boot = { program: '/o/app.pyz', folder: '/o', layout: 'zipapp', work: '/work' } as const;
  expect(smokeEnvironment(env, CPYTHON, builderOf('shiv').environment(boot))).toEqual({
    PATH: '/:/bin',
    SHIV_ROOT: '/work/shiv-root',
  });
  const onefile = { ...boot, layout: 'onefile' } as const;
  expect(builderOf('pyinstaller').environment(onefile)).toEqual({ TMPDIR: '/work' });
});

test('a file lies in the output itself, unless another layout is shipped or its name could be taken', () => {
  const path = (ending: string, layout: 'zipapp' | 'onefile', first: 'zipapp' | 'onefile' | 'venv') =>
    artifactPath({ layouts: [first], output: '/o' }, ending, layout, 'app');
  expect(path('.pyz', 'zipapp', 'zipapp')).toBe('/o/app.pyz');
  expect(path('.pex', 'zipapp', 'venv')).toBe('/o/zipapp/app.pex');
  expect(path('', 'onefile', 'onefile')).toBe('/o/onefile/app');
});

test('a folder is told by one sha256, that of what sha256sum prints of its files', () => {
  const file = (path: string) =>
    ({ kind: 'file', path, mode: 0o644, size: 0, sha256: 'e'.repeat(64), tokens: false }) as const;
  const tree = [{ kind: 'directory', path: 'd', mode: 0o755 }, file('a'), file('d/b')] as const;
  const sums = `${'e'.repeat(64)}  a\n${'e'.repeat(64)}  d/b\n`;
  const asked = spawnSync('sha256sum', { input: sums, encoding: 'utf8' });
  expect(treeDigest(tree)).toBe(asked.stdout.split(' ')[0]);
});

test('another version of a packager comes with the locked needs, and without the locked version', () => {
  const lock =
    '# head\na==1 \\\n    --hash=sha256:x\nshiv==1.0.8 \\\n    --hash=sha256:y\nshivers==2 \\\n    --hash=sha256:z\n';
  expect(withoutTool(lock, 'shiv')).toBe(
    '# head\na==1 \\\n    --hash=sha256:x\nshivers==2 \\\n    --hash=sha256:z\n',
  );
});

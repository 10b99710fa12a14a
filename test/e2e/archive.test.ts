import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findOnPath } from '../../src/toolchain/findOnPath.ts';
import { type Checked, runCheck } from '../support/checking.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { smallDisk } from '../support/smallDisk.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';
const NOBODY = 65534;

const PYPROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "kept"
version = "1"
dependencies = ["six"]
[project.scripts]
kept = "kept:main"
[tool.setuptools]
packages = ["kept"]
[tool.setuptools.package-data]
kept = ["*.bin"]
`;

/** Says where it lies, and on what it runs. Where MEMORY names a file, it works in one place only. */
const PROGRAM = `
import os, sys
def main():
    import six
    here = os.path.dirname(os.path.abspath(__file__))
    memory = os.environ.get("MEMORY")
    if memory:
        known = open(memory).read() if os.path.exists(memory) else here
        open(memory, "w").write(known)
        if known != here:
            sys.exit(3)
    print(six.__version__, sys.base_prefix, here)
`;

function project(ballast = 0): string {
  const root = temporaryFolder('archived');
  mkdirSync(join(root, 'kept'));
  writeFileSync(join(root, 'pyproject.toml'), PYPROJECT);
  // Its folder in it: no earlier check has cached this program.
  writeFileSync(join(root, 'kept/__init__.py'), `# ${root}\n${PROGRAM}`);
  if (ballast > 0) writeFileSync(join(root, 'kept/ballast.bin'), randomBytes(ballast));
  writeFileSync(join(root, 'requirements.txt'), 'six==1.17.0\n');
  return root;
}

const check = (root: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCheck(root, ['--python', PYTHON, '--smoke=', '--cache', 'on', ...args], env);

const origins = ({ report }: Checked) => report.runs.map(({ from, verdict }) => [from, verdict]);

function unpack(archive: string, into: string): string {
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xf', archive, '-C', into]);
  return join(into, 'kept');
}

function relocate(layout: string, shell: readonly string[] = [], python = PYTHON, env = process.env) {
  const [tool = '', ...args] = [...shell, join(layout, '.exitproof/relocate'), python];
  return spawnSync(tool, args, { encoding: 'utf8', cwd: '/', env });
}

/** What the program prints: six's version, its base prefix, its place. */
function run(program: string): readonly string[] {
  const env = { PATH: '/usr/bin:/bin' };
  return execFileSync(program, { encoding: 'utf8', cwd: '/', env }).trim().split(' ');
}

const command = (name: string): string | null => findOnPath(name, process.env['PATH']);

describe.skipIf(PYTHON === '')('an archive', () => {
  let root: string;
  let first: Checked;
  let archive: string;
  /** Where archives are unpacked: what lies in the project would be copied with it. */
  const away = temporaryFolder('unpacked');
  beforeAll(async () => {
    root = project();
    first = await check(root, ['--archive', 'tar.gz', '--smoke-on', 'archive']);
    expect(first.code, first.output).toBe(0);
    archive = join(root, first.report.archive?.path ?? '');
  });

  test('has each smoke run once more out of it, unpacked elsewhere, with smoke-on: archive', () => {
    expect(origins(first)).toEqual([
      [undefined, 'passed'],
      ['archive', 'passed'],
    ]);
    const [layout, unpacked] = first.report.runs;
    expect(unpacked).toMatchObject({ layout: 'venv', boot: 'cold' });
    const place = (text = ''): string => text.trim().split(' ')[2] ?? '';
    expect(place(unpacked?.output.head)).not.toBe(place(layout?.output.head));
    expect(first.report.cache).toMatchObject({ saved: true });
  });

  test('lies beside a sum that sha256sum takes', () => {
    const asked = ['-c', 'kept.tar.gz.sha256'];
    const sums = spawnSync('sha256sum', asked, { cwd: dirname(archive), encoding: 'utf8' });
    expect(sums).toMatchObject({ status: 0, stdout: 'kept.tar.gz: OK\n' });
    expect(readFileSync(`${archive}.sha256`, 'utf8')).toContain(first.report.archive?.sha256);
  });

  test.for(['tar', 'zip'])(
    'as %s passes so, and is the same from the cache and built anew',
    async (format, context) => {
      if (format === 'zip') need(context, 'unzip', command('unzip'));
      const args = ['--archive', format, '--smoke-on', 'archive'];
      const cached = await check(root, [...args, '--output', 'again']);
      expect(cached.code, cached.output).toBe(0);
      expect(cached.report.cache?.result).toBe('hit');
      expect(origins(cached)).toEqual(origins(first));
      const umask = process.umask(0o077);
      const anew = await check(root, [...args, '--cache', 'off', '--output', 'anew'], {
        TZ: 'Asia/Tokyo',
      }).finally(() => process.umask(umask));
      expect(anew.report.build?.sha256).toBe(cached.report.build?.sha256);
      expect(anew.report.archive?.sha256).toBe(cached.report.archive?.sha256);
    },
  );

  test.for(['sh', 'dash', 'busybox'])('is fitted to its place by %s', (name, context) => {
    const shell = need(context, name, command(name));
    const layout = unpack(archive, join(away, `by-${name}`));
    const fitted = relocate(layout, name === 'busybox' ? [shell, 'sh'] : [shell]);
    expect(fitted).toMatchObject({ status: 0, stderr: '', stdout: `${layout}/bin/kept\n` });
    expect(run(`${layout}/bin/kept`)[2]).toContain(layout);
  });

  test('is fitted, and verified, where nothing is on PATH but what any busybox has', () => {
    const layout = unpack(archive, join(away, 'by-few-tools'));
    const tools = join(away, 'few-tools');
    mkdirSync(tools);
    const few = 'cat chmod cp dirname find ln mkdir mv rm sed sha256sum sort uniq';
    for (const name of few.split(' ')) symlinkSync(command(name) ?? '', join(tools, name));
    const only = { PATH: tools };
    expect(relocate(layout, ['/bin/sh'], PYTHON, only)).toMatchObject({ status: 0, stderr: '' });
    rmSync(layout, { recursive: true });
    unpack(archive, join(away, 'by-few-tools'));
    writeFileSync(join(layout, 'evil.py'), '');
    const refused = relocate(layout, ['/bin/sh'], PYTHON, only);
    expect(refused).toMatchObject({
      status: 1,
      stderr: 'relocate: the layout is not what was checked: evil.py was added\n',
    });
  });

  test('runs on another base Python after a move, and forgets the first one', () => {
    const layout = unpack(archive, join(away, 'moved'));
    expect(relocate(layout).status).toBe(0);
    const ask = 'import os, sys; print(os.path.realpath(sys.executable))';
    const real = execFileSync(PYTHON, ['-c', ask], { encoding: 'utf8' }).trim();
    const prefix = join(away, 'other-base');
    const other = join(prefix, 'bin', basename(real));
    mkdirSync(dirname(other), { recursive: true });
    copyFileSync(real, other);
    symlinkSync(join(dirname(dirname(real)), 'lib'), join(prefix, 'lib'));
    const further = join(away, 'moved', 'further');
    renameSync(layout, further);
    expect(relocate(further, [], other)).toMatchObject({ status: 0 });
    const [, base, place] = run(`${further}/bin/kept`);
    expect(base).toBe(prefix);
    expect(place).toContain(further);
    expect(readFileSync(join(further, 'pyvenv.cfg'), 'utf8')).not.toContain(dirname(real));
  });

  test('is fitted and run by another user', async (context) => {
    const setpriv = need(
      context,
      'the right to be another user',
      process.getuid?.() === 0 ? command('setpriv') : null,
    );
    const python = need(
      context,
      'a Python of every user',
      existsSync('/usr/bin/python3') ? '/usr/bin/python3' : null,
    );
    const checked = await check(root, ['--archive', 'tar', '--python', python, '--output', 'for-others']);
    expect(checked.code, checked.output).toBe(0);
    const home = temporaryFolder('nobody');
    const folder = join(home, 'app');
    mkdirSync(folder);
    chownSync(folder, NOBODY, NOBODY);
    const file = join(home, 'kept.tar');
    copyFileSync(join(root, 'for-others/kept.tar'), file);
    chmodSync(home, 0o755);
    chmodSync(file, 0o644);
    const as = (...argv: readonly string[]): string =>
      execFileSync(setpriv, [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...argv], {
        encoding: 'utf8',
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
      });
    as('tar', '-xf', file, '-C', folder);
    const program = as(join(folder, 'kept/.exitproof/relocate'), python).trim();
    expect(as(program)).toContain(folder);
  });

  test.each<[string, (layout: string) => void, string]>([
    [
      'a byte was added',
      (at) => writeFileSync(join(at, 'PEX-INFO'), ' ', { flag: 'a' }),
      'not what was checked',
    ],
    ['a file was deleted', (at) => unlinkSync(join(at, 'PEX-INFO')), 'not what was checked'],
    ['a file was added', (at) => writeFileSync(join(at, 'lib/evil.py'), ''), 'lib/evil.py was added'],
    ['modes were lost', (at) => chmodSync(join(at, 'bin/kept'), 0o644), 'has lost its modes'],
  ])('in which %s is not fitted, and says so', (what, spoil, says) => {
    const layout = unpack(archive, join(away, what.replaceAll(' ', '-')));
    spoil(layout);
    const fitted = relocate(layout, ['/bin/sh']);
    expect(fitted.status).toBe(1);
    expect(fitted.stderr.trim().split('\n').at(-1)).toMatch(new RegExp(`^relocate: .*${says}`));
  });

  const restore = (file: string, ...more: readonly string[]) =>
    runCli(['restore', '--archive', file, '--python', PYTHON, '--path', 'taken/app', '--json', ...more], {
      cwd: root,
      env: testEnvironment(),
    });

  test('is restored in one step, with what it was checked with', async () => {
    const restored = await restore(archive);
    expect(restored.code, restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ result: 'hit', verdict: 'passed' });
    expect(run(join(root, 'taken/app/bin/kept'))[2]).toContain(join(root, 'taken/app'));
    rmSync(join(root, 'taken'), { recursive: true });
  });

  test.each<[string, (bytes: Buffer, middle: number) => Buffer]>([
    ['cut off', (bytes, middle) => bytes.subarray(0, middle)],
    [
      'changed in its middle',
      (bytes, middle) =>
        Buffer.concat([bytes.subarray(0, middle), randomBytes(6), bytes.subarray(middle + 6)]),
    ],
  ])('that was %s is corrupt, and nothing of it is left', async (_, spoil) => {
    const bytes = readFileSync(archive);
    const spoilt = join(away, 'spoilt.tar.gz');
    writeFileSync(spoilt, spoil(bytes, bytes.length >> 1));
    const restored = await restore(spoilt);
    expect(restored.code).toBe(1);
    expect(JSON.parse(restored.stdout)).toMatchObject({ result: 'corrupt', path: null });
    expect(existsSync(join(root, 'taken'))).toBe(false);
    expect((await restore(spoilt, '--on-miss', 'continue')).code).toBe(0);
  });
});

describe.skipIf(PYTHON === '')('what comes out of the archive', () => {
  test('decides the verdict: where it fails, no archive is left and nothing is cached', async () => {
    const root = project();
    const args = ['--archive', 'tar', '--smoke-on', 'archive'];
    const checked = await check(root, args, { MEMORY: join(root, 'memory') });
    const { code, report, output } = checked;
    expect(code, output).toBe(1);
    expect(report).toMatchObject({ verdict: 'failed', archive: null, cache: { saved: false } });
    expect(origins(checked)).toEqual([
      [undefined, 'passed'],
      ['archive', 'failed'],
    ]);
    expect(report.summary).toContain('out of the archive');
    expect(readdirSync(join(root, '.exitproof/out')).join()).not.toContain('.tar');
  });

  test('is not asked where there is no archive', async () => {
    const root = project();
    const result = await runCli(['check', '--smoke-on', 'archive'], { cwd: root, env: testEnvironment() });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('smoke-on: got “archive”, but archive is “none”');
    expect(existsSync(join(root, '.exitproof'))).toBe(false);
  });

  test('of a zipapp is the file itself', async () => {
    const args = ['--layouts', 'zipapp', '--archive', 'tar.gz', '--smoke-on', 'archive'];
    const { code, report, output } = await check(project(), args);
    expect(code, output).toBe(0);
    expect(report.runs.map(({ from, layout }) => [from, layout])).toEqual([
      [undefined, 'zipapp'],
      ['archive', 'zipapp'],
    ]);
  });
});

test.skipIf(PYTHON === '')(
  'a disk that is full when the archive is written is one sentence, and leaves none',
  async (context) => {
    const size = 20 << 20;
    const root = project(size);
    const disk = need(context, 'the right to mount', smallDisk(join(root, 'disk'), Math.round(size * 2.6)));
    const output = join(disk, 'out');
    const checked = await check(root, ['--archive', 'tar', '--output', output]);
    expect(checked.code, checked.output).toBe(3);
    expect(checked.report.failure?.message).toMatch(/^the archive could not be written: .*ENOSPC/);
    expect(checked.report).toMatchObject({ verdict: 'not-built', archive: null, cache: { saved: false } });
    expect(checked.report.executable).not.toBeNull();
    expect(origins(checked)).toEqual([[undefined, 'passed']]);
    expect(checked.output).not.toMatch(/at .*\.ts:\d+/);
    expect(readdirSync(output).filter((name) => /\.tar|part/.test(name))).toEqual([]);
  },
);

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FrozenLayout, LAYOUT_FILE, seal, unseal } from '../../src/layout/manifest.ts';
import { runCheck } from '../support/checking.ts';
import { type CliResult, runCli, testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython();
const GREETING = 'Hello Ada, you are the 1st of 1.\n';

/** Each with all that it makes; the first layout is what is shipped. */
const BUILDERS = [
  ['pex', 'zipapp'],
  ['shiv', 'zipapp'],
  ['zipapp', 'zipapp'],
  ['pyinstaller', 'onedir,onefile'],
] as const;

/** A copy of an example that no earlier check has cached. */
function example(name: string, file: string): string {
  const folder = join(temporaryFolder('builders'), name);
  cpSync(inRepository('examples', name), folder, { recursive: true });
  rmSync(join(folder, '.exitproof'), { recursive: true, force: true });
  appendFileSync(join(folder, file), `# ${folder}\n`);
  return folder;
}

async function exitproof(
  folder: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<CliResult> {
  return runCli(args, { cwd: folder, env: testEnvironment(more) });
}

const check = (folder: string, builder: string, args: readonly string[], env: Record<string, string> = {}) =>
  runCheck(folder, ['.', '--builder', builder, '--python', PYTHON ?? 'none', ...args], env);

/** In an empty environment but for what finds Python: whatever the checkout has is out of reach. */
function run(executable: string, ...args: readonly string[]): string {
  const PATH = `${PYTHON?.replace(/\/[^/]*$/, '')}:/usr/bin:/bin`;
  const env = { PATH, HOME: temporaryFolder('home') };
  const done = spawnSync(executable, args, { encoding: 'utf8', cwd: temporaryFolder('cwd'), env });
  return `${done.stdout}${done.stderr}`;
}

function layoutOf(unpacked: string): FrozenLayout {
  const sealed = unseal(readFileSync(join(unpacked, LAYOUT_FILE), 'utf8'));
  if (sealed.kind !== 'layout') throw new Error(sealed.reason);
  return sealed.layout;
}

/** The same archive as a machine of another architecture would have made it. */
function elsewhere(archive: string, architecture: string): void {
  const folder = temporaryFolder('elsewhere');
  spawnSync('tar', ['xf', archive, '-C', folder]);
  const [name = ''] = readdirSync(folder);
  const { info, manifest } = layoutOf(join(folder, name));
  const platform = info.platform === null ? null : { ...info.platform, architecture };
  writeFileSync(join(folder, name, LAYOUT_FILE), seal({ info: { ...info, platform }, manifest }));
  spawnSync('tar', ['cf', archive, '-C', folder, name]);
}

const out = (folder: string, path: string | null | undefined) => join(folder, path ?? 'nothing');

describe.each(BUILDERS)('%s', (builder, layouts) => {
  test('builds, watches, keeps and packs; the next check, a later job and a download have the same', async (context) => {
    need(context, 'Python', PYTHON);
    const folder = example('greeter', 'src/greeter/cli.py');
    const args = ['--layouts', layouts, '--cache', 'on', '--archive', 'tar.gz'];
    const [shipped = ''] = layouts.split(',');
    const { code, report, output } = await check(folder, builder, args);
    expect(code, output).toBe(0);
    expect(report).toMatchObject({ verdict: 'passed', cache: { result: 'miss', saved: true } });
    expect(report.build).toMatchObject({ builder, interpreter: { implementation: 'CPython' } });
    expect([...new Set(report.runs.map(({ layout }) => layout))].join()).toBe(layouts);
    expect(run(out(folder, report.executable), 'Ada')).toBe(GREETING);

    // Unpacked by hand it runs, from wherever it lies.
    const unpacked = temporaryFolder('unpacked');
    const archive = out(folder, report.archive?.path);
    expect(spawnSync('tar', ['xzf', archive, '-C', unpacked]).status).toBe(0);
    const name = report.executable?.split('/').at(-1) ?? '';
    expect(run(join(unpacked, 'greeter', name), 'Ada')).toBe(GREETING);
    const sums = join(unpacked, 'greeter', '.exitproof', 'sha256sums');
    const verified = spawnSync('sha256sum', ['--check', '--quiet', sums], { cwd: join(unpacked, 'greeter') });
    expect(verified.status).toBe(0);

    // Only what is compiled binds it to a machine.
    const { platform } = layoutOf(join(unpacked, 'greeter')).info;
    expect(platform?.architecture).toBe(builder === 'pyinstaller' ? process.arch : undefined);

    const python = ['--python', PYTHON ?? ''];
    const key = report.cache?.key ?? '';
    for (const source of [
      ['--archive', archive],
      ['--key', key],
    ]) {
      const path = join(temporaryFolder('restored'), 'app');
      const restored = await exitproof(folder, ['restore', ...source, '--path', path, ...python]);
      expect(restored.code, restored.stdout + restored.stderr).toBe(0);
      expect(run(join(path, name), 'Ada')).toBe(GREETING);
    }

    rmSync(join(folder, '.exitproof'), { recursive: true });
    const again = await check(folder, builder, args);
    expect(again.report).toMatchObject({ verdict: 'passed', cache: { result: 'hit' } });
    expect(again.report.build?.sha256).toBe(report.build?.sha256);
    expect(again.report.archive?.sha256).toBe(report.archive?.sha256);
    expect(run(out(folder, again.report.executable), 'Ada')).toBe(GREETING);

    // Built in another place and time zone, and read by its owner alone, it is the same bytes.
    const elsewhere = join(temporaryFolder('elsewhere'), basename(folder));
    cpSync(folder, elsewhere, { recursive: true, filter: (path) => !path.endsWith('.exitproof') });
    const umask = process.umask(0o077);
    const other = await check(
      elsewhere,
      builder,
      ['--layouts', shipped, '--cache', 'off', '--archive', 'tar.gz'],
      { TZ: 'Asia/Tokyo' },
    ).finally(() => process.umask(umask));
    expect(other.report.build?.sha256).toBe(report.build?.sha256);
    expect(other.report.archive?.sha256).toBe(report.archive?.sha256);
  });

  test('a program that stalls is blamed where it does, in the checkout', async (context) => {
    need(context, 'Python', PYTHON);
    const folder = example('uploader', 'src/uploader/cli.py');
    const shipped = layouts.split(',').at(-1) ?? '';
    const { code, report, output } = await check(folder, builder, ['--layouts', shipped, '--cache', 'off']);
    expect(code, output).toBe(1);
    expect(report).toMatchObject({ verdict: 'stalled', phase: 'threading-shutdown', layout: shipped });
    expect(report.runs[0]).toMatchObject({
      observer: builder === 'pyinstaller' ? 'sampler' : 'probe',
      left: [],
      diagnosis: { guilty: { function: 'drain', source: { path: 'src/uploader/transfer.py', line: 17 } } },
    });
  });
});

test('pyinstaller analyses a program once for both layouts, and each is what it is alone', async (context) => {
  need(context, 'Python', PYTHON);
  const folder = example('greeter', 'src/greeter/cli.py');
  const analysed = join(temporaryFolder('analysed'), 'times');
  mkdirSync(join(folder, 'hooks'));
  writeFileSync(
    join(folder, 'hooks', 'hook-argparse.py'),
    `open(${JSON.stringify(analysed)}, "a").write(".")\n`,
  );
  const one = async (layouts: string): Promise<string> => {
    const args = ['--layouts', layouts, '--builder-args=--additional-hooks-dir hooks', '--cache', 'off'];
    const { code, output } = await check(folder, 'pyinstaller', args);
    expect(code, output).toBe(0);
    return createHash('sha256')
      .update(readFileSync(join(folder, '.exitproof/out/onefile/greeter')))
      .digest('hex');
  };
  const both = await one('onedir,onefile');
  expect(readFileSync(analysed, 'utf8')).toBe('.');
  expect(await one('onefile')).toBe(both);
});

const NATIVE = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "native"
version = "1"
dependencies = ["orjson"]
[project.scripts]
native = "native:main"
[tool.setuptools]
py-modules = ["native"]
`;

describe('a program with compiled dependencies', () => {
  const project = (): string => {
    const folder = join(temporaryFolder('builders'), 'native');
    mkdirSync(folder);
    writeFileSync(join(folder, 'pyproject.toml'), NATIVE);
    writeFileSync(
      join(folder, 'native.py'),
      `import orjson\ndef main(): print(orjson.dumps([1]).decode())\n`,
    );
    return folder;
  };

  test.for([
    ['pex', 'zipapp'],
    ['shiv', 'zipapp'],
    ['pyinstaller', 'onefile'],
  ] as const)('runs where it is unpacked: %s', async ([builder, layout], context) => {
    need(context, 'Python', PYTHON);
    const folder = project();
    const { code, report, output } = await check(folder, builder, [
      '--layouts',
      layout,
      '--smoke=',
      '--cache',
      'off',
      '--archive',
      'tar',
    ]);
    expect(code, output).toBe(0);
    expect(report).toMatchObject({ verdict: 'passed', layout });
    expect(run(out(folder, report.executable))).toBe('[1]\n');

    // What is compiled in one file is seen by nobody who looks at the file alone.
    const archive = out(folder, report.archive?.path);
    const path = join(folder, 'restored');
    const take = () =>
      exitproof(folder, ['restore', '--archive', archive, '--path', path, '--python', PYTHON ?? '']);
    expect((await take()).code).toBe(0);
    rmSync(path, { recursive: true });
    elsewhere(archive, 'pdp11');
    const refused = await take();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^exitproof: nothing restored: miss: the layout holds compiled code for \w+ pdp11.*, and this machine is .+\n$/,
    );
    expect(existsSync(path)).toBe(false);
  });

  test('is refused by zipapp, which names the wheel and the cure', async (context) => {
    const folder = project();
    const args = ['check', '--builder', 'zipapp', '--python', need(context, 'Python', PYTHON)];
    const { code, stderr } = await exitproof(folder, args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/builder: zipapp can't pack orjson, whose orjson\/\S+\.so is compiled/);
    expect(stderr).toMatch(/Set `builder` to pex or shiv/);
  });
});

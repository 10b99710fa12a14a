import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { asset } from '../../src/assets.ts';
import { smokeEnvironment } from '../../src/build/environment.ts';
import type { BuildInput } from '../../src/build/input.ts';
import type { Artifact, BuildPlan } from '../../src/build/model.ts';
import { buildPex } from '../../src/build/pex.ts';
import { planBuild } from '../../src/build/plan.ts';
import { buildWheelhouse } from '../../src/build/wheelhouse.ts';
import { evidenceTools } from '../../src/toolchain/evidenceTools.ts';
import { anyPython, python, pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { type RecordingContext, recordingContext } from '../unit/toolchain/context.ts';

const run = promisify(execFile);
const cache = temporaryFolder('cache');

function context(env: Readonly<Record<string, string>> = {}): RecordingContext {
  return recordingContext(temporaryFolder('work'), { ...process.env, XDG_CACHE_HOME: cache, ...env });
}

function input(over: Partial<BuildInput>): BuildInput {
  return {
    project: null,
    requirement: [],
    requirements: null,
    extras: [],
    entryPoint: null,
    builder: 'pex',
    builderVersion: null,
    builderArgs: [],
    python: anyPython(),
    output: temporaryFolder('out'),
    ...over,
  };
}

interface Built {
  readonly plan: BuildPlan;
  readonly artifact: Artifact;
  readonly work: RecordingContext;
}

async function build(
  over: Partial<BuildInput>,
  layout: 'venv' | 'zipapp' = 'venv',
  work = context(),
): Promise<Built> {
  const plan = await planBuild(input(over), work);
  const wheelhouse = await buildWheelhouse(plan, work);
  const artifact = await buildPex(plan, wheelhouse, layout, join(work.work, 'program.pex'), work);
  return { plan, artifact, work };
}

async function smoke(built: Built, ...args: string[]): Promise<string> {
  const root = join(built.work.work, 'root');
  const env = smokeEnvironment(process.env, built.plan.interpreter, { PEX_ROOT: root });
  return (await run(built.artifact.path, args, { env, cwd: temporaryFolder() })).stdout;
}

function write(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function greeter(): string {
  const folder = temporaryFolder('greeter');
  cpSync(asset('examples', 'greeter'), folder, { recursive: true });
  return folder;
}

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

/** setuptools, a version by git, and a universal wheel of Python 2 and 3 among the dependencies. */
const SETUPTOOLS = {
  'pyproject.toml': [
    '[build-system]',
    'requires = ["setuptools>=64", "setuptools-scm>=7"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    'name = "counter"',
    'dynamic = ["version"]',
    'dependencies = ["six"]',
    '[project.scripts]',
    'counter = "counter:main"',
    '[tool.setuptools_scm]',
    '',
  ].join('\n'),
  'src/counter/__init__.py': [
    'import importlib, six',
    'def main():',
    '    try:',
    '        importlib.import_module("counter.deleted")',
    '        print("stale")',
    '    except ImportError:',
    '        print("clean", six.PY3)',
    '',
  ].join('\n'),
  '.gitignore': 'build/\n*.egg-info\n',
};

describe('a project', () => {
  test.each(pythons().filter(({ version }) => ['3.8', '3.13'].includes(version)))(
    'runs on $version, and on no other Python',
    async ({ version, path }) => {
      const built = await build({ project: greeter(), python: path });
      expect(built.plan.entry).toMatchObject({ kind: 'script', name: 'greeter' });
      expect(await smoke(built, 'Ada')).toContain('Hello Ada');
      const info = execFileSync('unzip', ['-p', built.artifact.path, 'PEX-INFO'], { encoding: 'utf8' });
      const other = pythons().find((one) => one.version !== version && one.path.includes('versions'));
      if (other !== undefined) {
        const env = { PATH: dirname(other.path), PEX_ROOT: temporaryFolder() };
        await expect(run(built.artifact.path, ['Ada'], { env })).rejects.toThrow();
      }
      expect(JSON.parse(info)).toMatchObject({ interpreter_constraints: [`CPython==${version}.*`] });
    },
  );

  test('two builds in other folders, time zones and homes of caches give the same bytes', async () => {
    const one = await build({ project: greeter() });
    const home = temporaryFolder();
    symlinkSync(join(cache, 'exitproof'), join(home, 'exitproof'));
    const elsewhere = context({ TZ: 'Asia/Tokyo', XDG_CACHE_HOME: home });
    const two = await build({ project: greeter() }, 'venv', elsewhere);
    expect(two.artifact.sha256).toBe(one.artifact.sha256);
  });

  test('with setuptools, a version by git and a stale build folder: clean, and nothing in the checkout changes', async () => {
    const folder = write(temporaryFolder('counter'), SETUPTOOLS);
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-qm', 'one');
    git(folder, 'tag', 'v1.4.0');
    write(folder, { 'build/lib/counter/deleted.py': '' });
    const before = git(folder, 'status', '--short', '--ignored');
    const built = await build({ project: folder }, 'zipapp');
    expect(await smoke(built)).toBe('clean True\n');
    expect(readdirSync(join(built.work.work, 'wheelhouse')).join()).toContain('counter-1.4.0-');
    expect(git(folder, 'status', '--short', '--ignored')).toBe(before);

    write(folder, { 'new.txt': '' });
    git(folder, 'add', '.');
    git(folder, 'commit', '-qm', 'two');
    const shallow = temporaryFolder('shallow');
    git(shallow, 'clone', '-q', '--depth', '1', `file://${folder}`, '.');
    await expect(planBuild(input({ project: shallow }), context())).rejects.toMatchObject({
      kind: 'settings',
      hint: expect.stringContaining('fetch-depth: 0'),
    });
  });

  test('the oldest pex builds it too, and says which version first has a flag', async () => {
    const oldest = { project: greeter(), builderVersion: '2.28.1' };
    expect(await smoke(await build(oldest), 'Ada')).toContain('Hello Ada');
    await expect(build({ ...oldest, builderArgs: ['--venv-repository', 'x'] })).rejects.toMatchObject({
      kind: 'settings',
      message: expect.stringContaining('2.59.0'),
    });
  });

  test('a second build takes the locked wheels from the local store and asks no index for them', async () => {
    const folder = greeter();
    await build({ project: folder });
    const again = await build({ project: folder });
    expect(again.work.lines.join('\n')).toContain('1 wheel taken from the local store');
    expect(again.work.lines.join('\n')).not.toContain('--require-hashes');
  });
});

describe('without a project', () => {
  test('a requirement is built from the index, its script found in its wheel', async () => {
    const built = await build({ requirement: ['pyjokes'] });
    expect(built.plan.entry).toMatchObject({ kind: 'script', name: 'pyjokes' });
    await expect(
      planBuild(input({ requirement: ['pyjokes'], entryPoint: 'nope' }), context()),
    ).rejects.toMatchObject({
      kind: 'settings',
      hint: expect.stringContaining('pyjoke'),
    });
  });

  test("a requirement that does not resolve gives the resolver's own reason", async () => {
    await expect(build({ requirement: ['exitproof-has-no-such-thing'] })).rejects.toMatchObject({
      kind: 'build',
      message: expect.stringContaining('No matching distribution found for exitproof-has-no-such-thing'),
    });
  });

  test('the files of a folder are packed with its requirements, by the oldest pex on 3.9 as well', async (task) => {
    const old = need(task, 'Python 3.9', python('3.9'));
    const folder = write(temporaryFolder('folder'), {
      'main.py': 'import six, helper\nprint(helper.WORD, __file__.rsplit("/", 1)[-1])\n',
      'helper.py': 'WORD = "packed"\n',
      '__main__.py': 'import helper\nprint("main", helper.WORD)\n',
      'requirements.txt': 'six\n',
    });
    const built = await build({
      project: folder,
      entryPoint: 'main.py',
      builderVersion: '2.28.1',
      python: old,
    });
    expect(await smoke(built)).toBe('packed main.py\n');
    const found = await build({ project: folder }, 'zipapp');
    expect(found.plan.entry).toMatchObject({ kind: 'file', path: '__main__.py' });
    expect(await smoke(found)).toBe('main packed\n');
  });
});

test('a version of pex that was never published is refused before any wheel is built', async () => {
  const planned = planBuild(input({ project: greeter(), builderVersion: '9.9.9' }), context());
  await expect(planned).rejects.toMatchObject({
    kind: 'build',
    message: expect.stringMatching(/pex 9\.9\.9/),
  });
});

test('with a closed port for an index nothing is asked elsewhere, and the reason carries no credentials', async () => {
  const env = {
    XDG_CACHE_HOME: temporaryFolder('empty'),
    PIP_CONFIG_FILE: '/dev/null',
    PIP_INDEX_URL: 'http://user:s3cret@127.0.0.1:9/simple',
    PIP_EXTRA_INDEX_URL: '',
    PIP_FIND_LINKS: '',
    PIP_RETRIES: '1',
  };
  const work = context(env);
  const failed = build({ project: greeter() }, 'venv', work);
  await expect(failed).rejects.toMatchObject({
    kind: 'build',
    message: expect.stringMatching(/could not be reached/),
  });
  await failed.catch((error: Error) => expect(error.message).not.toContain('s3cret'));
  expect(work.lines.join('\n')).not.toMatch(/s3cret|pypi\.org/);
});

test.each(pythons().filter(({ version }) => ['3.8', '3.12'].includes(version)))(
  'the evidence tools of $version run wherever they are moved',
  async ({ path }) => {
    const work = context();
    const { interpreter } = await planBuild(input({ project: greeter(), python: path }), work);
    const tools = await evidenceTools(interpreter, work);
    expect(tools.missing).toBeNull();
    for (const tool of [tools.pySpy, tools.pystack]) {
      const { stdout } = await run(tool ?? '', ['--version'], { env: {} });
      expect(stdout).toMatch(/\d+\.\d+/);
    }
    expect(existsSync(join(cache, 'exitproof', 'tools'))).toBe(true);
  },
);

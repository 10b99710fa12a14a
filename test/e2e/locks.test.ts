import { execFile, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { evidenceTools } from '../../src/toolchain/evidenceTools.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { defaultPexVersion, pexTool } from '../../src/toolchain/pex.ts';
import { privateUv } from '../../src/toolchain/uv.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { type PackageIndex, packageIndex, type WallProxy, wallProxy } from '../support/packageIndex.ts';
import { packager } from '../support/packagers.ts';
import { anyPython, pythons } from '../support/pythons.ts';
import { caches } from '../support/pythonTool.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { recordingContext } from '../unit/toolchain/context.ts';

const PYTHON = anyPython() ?? '';
const OWN_CACHE = testEnvironment()['XDG_CACHE_HOME'] ?? '';
const LOGIN = { user: 'robot', password: 'hush-9f3c!' };
const SIX = 'six-1.17.0-py2.py3-none-any.whl';
const HUMANIZE = 'humanize-4.12.3-py3-none-any.whl';

/** Needs nothing from any index. */
const BACKEND = `
import os, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "told-1-py3-none-any.whl"
    metadata = open("METADATA", encoding="utf-8").read()
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.write("told.py")
        wheel.writestr("told-1.dist-info/METADATA", metadata)
        wheel.writestr("told-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("told-1.dist-info/entry_points.txt", "[console_scripts]\\ntold = told:main\\n")
        wheel.writestr("told-1.dist-info/RECORD", "".join("%s,,\\n" % name for name in wheel.namelist() + ["told-1.dist-info/RECORD"]))
    return name
`;

function pyproject(more = ''): string {
  return `
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "told"
version = "1"
requires-python = ">=3.8"
dependencies = ["six"]
[project.scripts]
told = "told:main"
${more}
`;
}

/** Exitproof's own tools, which come from the machine's index: what is tested is whom the program's packages come from. */
async function ownTools(): Promise<void> {
  const env = testEnvironment();
  const context = recordingContext(temporaryFolder('tools'), env);
  const asked = { python: PYTHON, project: null, requiresPython: null, path: env['PATH'] ?? '', env };
  const interpreter = await findInterpreter(asked);
  await privateUv(interpreter, context);
  await pexTool(defaultPexVersion(), interpreter, context);
  await evidenceTools(interpreter, context);
}

/** Real wheels of the public index, fetched once a machine. */
function realWheels(): string {
  const folder = join(caches(), 'exitproof-test', 'wheels-1');
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const part = mkdtempSync(`${folder}-`);
  const wanted = ['six==1.17.0', 'humanize==4.12.3'];
  const args = ['-I', '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '-d', part];
  const done = spawnSync(PYTHON, [...args, ...wanted], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  if (existsSync(folder)) rmSync(part, { recursive: true });
  else renameSync(part, folder);
  return folder;
}

function project(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder('locks');
  const all = {
    // Its folder in it: no earlier check has cached this program.
    'told.py': `# ${root}\ndef main():\n    import six\n    print("told", six.__version__)\n`,
    'backend.py': BACKEND,
    METADATA: 'Metadata-Version: 2.1\nName: told\nVersion: 1\nRequires-Dist: six\n',
    'pyproject.toml': pyproject(),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

interface Checked {
  readonly code: number | null;
  readonly output: string;
  readonly report: Report | null;
}

async function check(
  root: string,
  env: ReturnType<typeof testEnvironment>,
  args: readonly string[] = [],
): Promise<Checked> {
  const file = join(root, 'report.json');
  const result = await runCli(
    ['check', '--python', PYTHON, '--smoke=', '--verbose', '--report', file, ...args],
    { cwd: root, env },
  );
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  return { code: result.code, output: `${result.stdout}\n${result.stderr}`, report };
}

const said = ({ report }: Checked): string => report?.runs[0]?.output.head ?? '';

describe.skipIf(PYTHON === '')('a private index', () => {
  let index: PackageIndex;
  let wall: WallProxy;
  let home: string;
  beforeAll(async () => {
    await ownTools();
    index = await packageIndex(realWheels(), LOGIN);
    wall = await wallProxy();
  });
  afterAll(async () => {
    await index.close();
    await wall.close();
  });
  afterEach(() => {
    // In every one of these tests: nothing has left the machine, and no argument list had the password.
    expect(wall.asked.splice(0)).toEqual([]);
    expect(index.overheard).toEqual([]);
    const grep = spawnSync('grep', ['-rlF', LOGIN.password, home], { encoding: 'utf8' });
    expect(
      grep.stdout.split('\n').filter((path) => path !== '' && !/pip\.conf$|\.netrc$/.test(path)),
    ).toEqual([]);
  });

  /** A user of a fresh home, whose every way out of the machine leads to the wall. */
  function environment(more: Readonly<Record<string, string>>): ReturnType<typeof testEnvironment> {
    home = temporaryFolder('home');
    index.served.splice(0);
    // The tools are those of all tests, and the wheels that earlier ones fetched are not.
    mkdirSync(join(home, 'cache', 'exitproof'), { recursive: true });
    symlinkSync(join(OWN_CACHE, 'exitproof', 'tools'), join(home, 'cache', 'exitproof', 'tools'));
    return {
      ...testEnvironment({
        HOME: home,
        XDG_CACHE_HOME: join(home, 'cache'),
        NETRC: join(home, '.netrc'),
        TMPDIR: temporaryFolder('tmp'),
        PIP_FIND_LINKS: '',
        PIP_CONFIG_FILE: '',
        PIP_CACHE_DIR: join(home, 'pip'),
        UV_CACHE_DIR: join(home, 'uv'),
        PIP_RETRIES: '0',
        http_proxy: wall.url,
        https_proxy: wall.url,
        no_proxy: '127.0.0.1',
        ...more,
      }),
    };
  }

  function withNetrc(): void {
    const [machine] = index.host.split(':');
    const entry = `machine ${machine} login ${LOGIN.user} password ${LOGIN.password}\n`;
    writeFileSync(join(home, '.netrc'), entry, { mode: 0o600 });
  }

  function expectTold(checked: Checked, root: string): void {
    expect(checked.code, checked.output).toBe(0);
    expect(said(checked)).toBe('told 1.17.0\n');
    expect(index.served).toContain(`/files/${SIX}`);
    expect(checked.output).not.toContain(LOGIN.password);
    expect(JSON.stringify(checked.report)).not.toContain(LOGIN.password);
    const grep = spawnSync('grep', ['-rlF', LOGIN.password, root, OWN_CACHE]);
    expect(String(grep.stdout)).toBe('');
  }

  const hashed = (): string => {
    const [, sum = ''] =
      /^([0-9a-f]{64})/.exec(
        spawnSync('sha256sum', [join(realWheels(), SIX)], { encoding: 'utf8' }).stdout,
      ) ?? [];
    return `six==1.17.0 --hash=sha256:${sum}\n`;
  };

  test('named by PIP_INDEX_URL serves what no lock names', async () => {
    const root = project({});
    expectTold(await check(root, environment({ PIP_INDEX_URL: index.urlWithLogin })), root);
  });

  test.each(['six==1.17.0\n', 'hashed'])(
    'named by PIP_INDEX_URL serves the requirements %o',
    async (text) => {
      // A line of its own: the local store has the wheels of no other test.
      const lines = text === 'hashed' ? `# ${Date.now()}\n${hashed()}` : text;
      const root = project({ 'requirements.txt': lines });
      expectTold(await check(root, environment({ PIP_INDEX_URL: index.urlWithLogin })), root);
    },
  );

  test('named by a pip.conf serves them, too', async () => {
    const root = project({ 'requirements.txt': 'six\n' });
    const env = environment({});
    mkdirSync(join(home, '.config', 'pip'), { recursive: true });
    writeFileSync(join(home, '.config', 'pip', 'pip.conf'), `[global]\nindex-url = ${index.urlWithLogin}\n`);
    expectTold(await check(root, env), root);
  });

  test('has its login from a netrc file', async () => {
    const root = project({ 'requirements.txt': 'six\n' });
    const env = environment({ PIP_INDEX_URL: index.url });
    withNetrc();
    expectTold(await check(root, env), root);
  });

  describe('of a uv.lock', () => {
    const OWN = (url: string): string =>
      `[[tool.uv.index]]\nname = "own-index"\nurl = "${url}"\ndefault = true\n`;

    async function locked(env: ReturnType<typeof testEnvironment>): Promise<string> {
      const root = project({ 'pyproject.toml': pyproject(OWN(index.url)) });
      const python = pythons().find(({ path }) => path === PYTHON);
      if (python === undefined) throw new Error('no Python');
      // Not waited for in place: the index is of this process.
      await promisify(execFile)(packager(python, 'uv'), ['lock', '--quiet', '--python', PYTHON], {
        cwd: root,
        env: { ...env, UV_INDEX_OWN_INDEX_USERNAME: LOGIN.user, UV_INDEX_OWN_INDEX_PASSWORD: LOGIN.password },
      });
      return root;
    }

    test("has its login from uv's variables", async () => {
      const env = environment({
        UV_INDEX_OWN_INDEX_USERNAME: LOGIN.user,
        UV_INDEX_OWN_INDEX_PASSWORD: LOGIN.password,
      });
      const root = await locked(env);
      expectTold(await check(root, env), root);
    });

    test('has its login from a netrc file', async () => {
      const env = environment({});
      const root = await locked(env);
      withNetrc();
      expectTold(await check(root, env), root);
    });

    test('has its login from a pip.conf that names it', async () => {
      const env = environment({});
      const root = await locked(env);
      mkdirSync(join(home, '.config', 'pip'), { recursive: true });
      writeFileSync(
        join(home, '.config', 'pip', 'pip.conf'),
        `[global]\nindex-url = ${index.urlWithLogin}\n`,
      );
      expectTold(await check(root, env), root);
    });

    test('is not asked where PIP_INDEX_URL names another one', async () => {
      const env = environment({});
      const root = await locked(env);
      const before = index.served.length;
      const other = 'http://robot:hush-9f3c!@127.0.0.1:9/simple';
      const checked = await check(root, { ...env, PIP_INDEX_URL: other });
      expect(checked.code).toBe(2);
      expect(checked.output).toContain(
        'PIP_INDEX_URL names http://****@127.0.0.1:9/simple, but uv.lock was locked',
      );
      expect(checked.output).not.toContain(LOGIN.password);
      expect(index.served).toHaveLength(before);
    });
  });

  test('of a pylock.toml is asked, and not the public one', async () => {
    const [, , sum = ''] = /(.*sha256:)(.*)/.exec(hashed()) ?? [];
    const lock = [
      'lock-version = "1.0"',
      `created-by = "a test at ${Date.now()}"`,
      '[[packages]]',
      'name = "six"',
      'version = "1.17.0"',
      `marker = "python_version > '3.${Date.now() % 7}'"`,
      `index = "${index.url}"`,
      `wheels = [{ name = "${SIX}", hashes = { sha256 = "${sum}" } }]`,
    ].join('\n');
    const root = project({ 'pylock.toml': lock });
    const env = environment({});
    withNetrc();
    expectTold(await check(root, env), root);
  });

  test('in the address of a requirement is asked, and its login told to nobody', async () => {
    const root = temporaryFolder('requirement');
    const wheel = index.urlWithLogin.replace(/simple$/, `files/${SIX}`);
    const env = environment({ PIP_NO_INDEX: '1' });
    const args = ['--requirement', `six @ ${wheel}`, '--entry-point', 'six'];
    const checked = await check(root, env, args);
    expect(checked.code, checked.output).toBe(0);
    expect(index.served).toContain(`/files/${SIX}`);
    expect(`${checked.output}${JSON.stringify(checked.report)}`).not.toContain(LOGIN.password);
    // Its own flag is the test's; nobody says it again.
    expect(index.overheard.splice(0).filter((text) => !text.includes('--requirement'))).toEqual([]);
  });

  test('with the wrong password is an error that tells it to nobody', async () => {
    const root = project({ 'requirements.txt': 'humanize\n' });
    const checked = await check(
      root,
      environment({ PIP_INDEX_URL: index.urlWithLogin.replace('robot', 'else') }),
    );
    expect(checked.code).toBe(3);
    expect(checked.report).toMatchObject({ verdict: 'not-built', runs: [] });
    expect(`${checked.output}${JSON.stringify(checked.report)}`).not.toContain(LOGIN.password);
    expect(index.served.filter((path) => path.includes(HUMANIZE))).toEqual([]);
  });
});

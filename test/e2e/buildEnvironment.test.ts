import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtWithKept } from '../../src/build/projectWheel.ts';
import { buildWheelhouse } from '../../src/build/wheelhouse.ts';
import { openStore } from '../../src/cache/openStore.ts';
import { sha256File } from '../../src/digest.ts';
import { mustRun } from '../../src/toolchain/exec.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { privatePip } from '../../src/toolchain/pip.ts';
import { toolEnvironment } from '../../src/toolchain/toolEnvironment.ts';
import { testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { recordingContext } from '../unit/toolchain/context.ts';

const EPOCH = '1700000000';

/** A backend in the project's own tree: nothing has to be installed for it. */
const BACKEND = (more: string) => `
import os, sys, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return ${more}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("tiny.py", "PATH = %r" % sys.prefix)
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return name
`;

const inTree = (more = '[]', requires = '[]') => ({
  'pyproject.toml': `[build-system]\nrequires = ${requires}\nbuild-backend = "own"\nbackend-path = ["backend"]\n`,
  'backend/own.py': BACKEND(more),
});

const packaged = (requires: string, backend: string) => ({
  'pyproject.toml': [
    `[build-system]\nrequires = [${requires}]\nbuild-backend = "${backend}"`,
    '[project]\nname = "tiny"\nversion = "1.0"\n[project.scripts]\ntiny = "tiny:main"\n',
  ].join('\n'),
  'src/tiny/__init__.py': 'def main():\n    print("tiny")\n',
  'src/tiny/data.txt': 'data\n',
});

function project(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder('project');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** A cache of its own, beside the tools that all tests share. */
async function workshop(more: Readonly<Record<string, string>> = {}) {
  const shared = recordingContext(temporaryFolder('work'), testEnvironment());
  const request = {
    python: anyPython(),
    project: null,
    requiresPython: null,
    path: process.env['PATH'] ?? '',
  };
  const interpreter = await findInterpreter({ ...request, ...shared });
  const pip = await privatePip(interpreter, shared);
  const cache = temporaryFolder('cache');
  const context = recordingContext(
    temporaryFolder('work'),
    testEnvironment({ XDG_CACHE_HOME: cache, ...more }),
  );
  const env = toolEnvironment(context.env, { SOURCE_DATE_EPOCH: EPOCH });
  const kept = join(cache, 'exitproof', 'build-environments');
  const installs = () =>
    context.lines.filter((line) => line.startsWith('$ ') && line.includes(' install ')).length;
  const build = async (folder: string) => {
    const into = temporaryFolder('wheels');
    const built = await builtWithKept({ folder, into, interpreter, pip, env }, context);
    return built ? readdirSync(into).map((name) => join(into, name)) : null;
  };
  const isolated = async (folder: string) => {
    const into = temporaryFolder('wheels');
    const args = ['-I', pip.path, 'wheel', '--no-deps', '--wheel-dir', into, folder];
    await mustRun({ tool: interpreter.path, args, env }, context, 'pip');
    return readdirSync(into).map((name) => join(into, name));
  };
  return {
    context,
    interpreter,
    kept,
    build,
    isolated,
    installs,
    environments: () => readdirSync(kept).map((name) => join(kept, name)),
  };
}

describe.skipIf(anyPython() === null)('a kept build environment', () => {
  test.each([
    ['setuptools', '"setuptools>=64"', 'setuptools.build_meta'],
    ['hatchling', '"hatchling"', 'hatchling.build'],
  ])('gives the wheel that isolation gives, and %s is installed once', async (_, requires, backend) => {
    const { build, isolated, installs, environments } = await workshop();
    const folder = project(packaged(requires, backend));
    const [first] = (await build(folder)) ?? [];
    expect(installs()).toBe(1);
    const [second] = (await build(folder)) ?? [];
    expect(installs()).toBe(1);
    const [wanted] = await isolated(project(packaged(requires, backend)));
    const digests = [first, second, wanted].map((path) => sha256File(path ?? ''));
    expect(new Set(await Promise.all(digests)).size).toBe(1);
    const [kept] = environments();
    expect(readFileSync(join(kept ?? '', 'exitproof.json'), 'utf8')).toMatch(
      new RegExp(`"name":"${requires.replaceAll(/[">=\d]/g, '')}","version":"[^"]+","sha256":"[0-9a-f]{64}"`),
    );
  });

  test('is not used where the backend wants more than the project names', async () => {
    const { build, context } = await workshop();
    expect(await build(project(inTree('["not-there>=2"]')))).toBeNull();
    expect(context.lines.join('\n')).toContain('wants more than pyproject.toml names');
    expect(await build(project(inTree('["not-there; python_version < \'3\'"]')))).toHaveLength(1);
  });

  test('leaves a build that fails to pip, which tells why', async () => {
    const { build, context } = await workshop();
    expect(await build(project(inTree('1 / 0')))).toBeNull();
    expect(context.lines.join('\n')).toContain('which has the last word');
  });

  test('is made anew after it was changed, and after a day', async () => {
    const { build, environments } = await workshop();
    const folder = project(inTree());
    await build(folder);
    await build(folder);
    const [first = ''] = environments();
    expect(environments()).toHaveLength(1);
    writeFileSync(join(first, 'lib', 'sitecustomize.py'), 'raise SystemExit("poisoned")\n');
    expect(await build(folder)).toHaveLength(1);
    expect(environments()).toHaveLength(2);

    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
    for (const path of environments()) {
      const receipt = join(path, 'exitproof.json');
      writeFileSync(
        receipt,
        readFileSync(receipt, 'utf8').replace(/"resolved":"[^"]+"/, `"resolved":"${yesterday}"`),
      );
    }
    const old = environments();
    expect(await build(folder)).toHaveLength(1);
    // Those of yesterday are gone: no job can be building with them any more.
    expect(environments()).toHaveLength(1);
    expect(old).not.toContain(environments()[0]);
  });

  test('serves jobs side by side', async () => {
    const { build } = await workshop();
    const built = await Promise.all([1, 2, 3].map(() => build(project(inTree()))));
    expect(built.map((wheels) => wheels?.length)).toEqual([1, 1, 1]);
  });

  test('is not used where the settings of pip bend what a build is made with', async () => {
    const { build } = await workshop({ PIP_CONSTRAINT: '/nowhere/constraints.txt' });
    expect(await build(project(inTree()))).toBeNull();
  });

  test.each([
    ['on', {}, true],
    ['off', {}, false],
    ['auto', { GITHUB_EVENT_NAME: 'release' }, false],
  ] as const)('with cache: %s and %j is used: %s', async (choice, event, used) => {
    const { context, interpreter, kept } = await workshop(event);
    const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
    mkdirSync(dirname(kept), { recursive: true });
    symlinkSync(tools, join(dirname(kept), 'tools'));
    const lock = 'lock-version = "1.0"\ncreated-by = "a test"\npackages = []\n';
    const folder = project({ ...inTree(), 'pylock.toml': lock });
    const cache = await openStore({ ...context, choice, workspace: folder });
    const { project: own } = await buildWheelhouse(
      {
        source: { kind: 'project', folder },
        repository: null,
        requirement: [],
        distribution: 'tiny',
        extras: [],
        lock: { kind: 'pylock', path: join(folder, 'pylock.toml') },
        interpreter,
        builder: { name: 'pex', version: '2', args: [], sha256: null },
        sourceDateEpoch: Number(EPOCH),
        output: join(folder, 'out'),
      },
      context,
      cache,
    );
    expect(own?.name).toBe('tiny');
    expect(existsSync(kept)).toBe(used);
  });

  test('asks nobody but the index that is named', async () => {
    const closed = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_RETRIES: '0',
      PIP_FIND_LINKS: '',
      PIP_CONFIG_FILE: '/dev/null',
    };
    const { build, environments, context } = await workshop(closed);
    expect(await build(project(packaged('"hatchling"', 'hatchling.build')))).toBeNull();
    expect(environments()).toEqual([]);
    expect(context.lines.join('\n')).not.toMatch(/Downloading|Using cached/);
  });
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildWheelhouse } from '../../src/build/wheelhouse.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { privatePip } from '../../src/toolchain/pip.ts';
import { testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { recordingContext } from '../unit/toolchain/context.ts';

/** As most backends do: each file with the mode that it has on the disk. */
const BACKEND = (name: string) => `
import os, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(folder, config_settings=None, metadata_directory=None):
    info = "${name}-1.0.dist-info/"
    texts = {
        "METADATA": "Metadata-Version: 2.1\\nName: ${name}\\nVersion: 1.0\\n",
        "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(folder, "${name}-1.0-py3-none-any.whl"), "w") as wheel:
        for file in ("${name}.py", "${name}_tool"):
            member = zipfile.ZipInfo(file)
            member.external_attr = os.stat(file).st_mode << 16
            wheel.writestr(member, open(file).read())
        for file, text in texts.items():
            wheel.writestr(zipfile.ZipInfo(info + file), text)
    return "${name}-1.0-py3-none-any.whl"
`;

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function source(folder: string, name: string): void {
  const build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';
  write(folder, {
    'pyproject.toml': `${build}[project]\nname = "${name}"\nversion = "1.0"\n`,
    'PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    'backend.py': BACKEND(name),
    [`${name}.py`]: '',
    [`${name}_tool`]: '#!/bin/sh\n',
  });
  chmodSync(join(folder, `${name}_tool`), 0o777 & ~process.umask());
}

function sdist(): string {
  const folder = join(temporaryFolder('sdist'), 'packed-1.0');
  source(folder, 'packed');
  const file = `${folder}.tar.gz`;
  execFileSync('tar', ['-czf', file, '-C', dirname(folder), basename(folder)]);
  return file;
}

/** Ready-made, with modes of its own. */
function readyMade(python: string): string {
  const folder = join(temporaryFolder('ready'), 'ready');
  source(folder, 'ready');
  chmodSync(join(folder, 'ready.py'), 0o664);
  execFileSync(python, ['-c', 'import backend; backend.build_wheel(".")'], { cwd: folder });
  return join(folder, basename(READY));
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

const READY = './vendor/ready-1.0-py3-none-any.whl';
const SDIST = './vendor/packed-1.0.tar.gz';
const LOCKS = {
  pylock: (packed: string, ready: string) => `lock-version = "1.0"
created-by = "a test"
[[packages]]
name = "member"
directory = { path = "./libs/member" }
[[packages]]
name = "packed"
archive = { path = "${SDIST}", hashes = { sha256 = "${packed}" } }
[[packages]]
name = "ready"
archive = { path = "${READY}", hashes = { sha256 = "${ready}" } }
`,
  requirements: () => `./libs/member\n${SDIST}\n${READY}\n`,
};

test.for([
  ['pylock', 'pylock.toml', false],
  ['requirements', 'requirements.txt', false],
  ['pylock', 'pylock.toml', true],
] as const)(
  'the umask is in no wheel that is built here: the project, a folder, an sdist (%s, %s, requirement beside it: %s)',
  async ([kind, lock, isBeside], context) => {
    const python = need(context, 'Python', anyPython());
    const files = { [SDIST]: sdist(), [READY]: readyMade(python) };
    const text = LOCKS[kind](sha256(files[SDIST] ?? ''), sha256(files[READY] ?? ''));
    const home = testEnvironment();
    const shared = recordingContext(temporaryFolder('work'), home);
    const path = process.env['PATH'] ?? '';
    const interpreter = await findInterpreter({
      python,
      project: null,
      requiresPython: null,
      path,
      ...shared,
    });
    await privatePip(interpreter, shared);

    const build = async (umask: number) => {
      // What an earlier build has left is in none of them.
      const cache = temporaryFolder('cache');
      const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
      mkdirSync(join(cache, 'exitproof'));
      symlinkSync(tools, join(cache, 'exitproof', 'tools'));
      const job = recordingContext(temporaryFolder('work'), testEnvironment({ XDG_CACHE_HOME: cache }));
      const folder = temporaryFolder('project');
      const before = process.umask(umask);
      try {
        source(folder, 'own');
        source(join(folder, 'libs', 'member'), 'member');
        source(join(folder, 'more'), 'more');
        write(folder, { [lock]: text });
        mkdirSync(join(folder, 'vendor'));
        for (const [name, file] of Object.entries(files)) copyFileSync(file, join(folder, name));
        const { dependencies, project } = await buildWheelhouse(
          {
            source: { kind: 'project', folder },
            repository: null,
            requirement: isBeside ? [`more @ file://${folder}/more`] : [],
            distribution: 'own',
            extras: [],
            lock: { kind, path: join(folder, lock) },
            interpreter,
            builder: { name: 'pex', version: '2', args: [], sha256: null },
            sourceDateEpoch: 1_700_000_000,
            output: join(folder, 'out'),
          },
          job,
        );
        const wheels = [...dependencies, ...(project === null ? [] : [project])];
        for (const wheel of wheels) expect(wheel.sha256).toBe(sha256(wheel.path));
        return wheels.map(({ name, sha256 }) => `${name} ${sha256}`);
      } finally {
        process.umask(before);
      }
    };
    const usual = await build(0o022);
    expect(usual.map((line) => line.split(' ')[0])).toEqual([
      ...['member', ...(isBeside ? ['more'] : []), 'packed', 'ready', 'own'],
    ]);
    // What a lock names is what it names.
    if (kind === 'pylock') expect(usual).toContain(`ready ${sha256(files[READY] ?? '')}`);
    expect(await build(0o002)).toEqual(usual);
    expect(await build(0o077)).toEqual(usual);
  },
);

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CacheService, cacheService } from '../support/cacheService.ts';
import { type FakeRunner, fakeRunner, type StepResult } from '../support/fakeRunner.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';

/** Needs no index: it writes down each build, and zips one module. */
const BACKEND = `
import os, zipfile

NAME = "thing-1.0-py3-none-any.whl"
INFO = "thing-1.0.dist-info"
FILES = {
    "thing.py": "WHO = 'a thing'\\n",
    INFO + "/METADATA": "Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n",
    INFO + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(os.environ["BUILDS"], "a") as builds:
        builds.write("built\\n")
    record = "".join(name + ",,\\n" for name in FILES) + INFO + "/RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(wheel_directory, NAME), "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
        wheel.writestr(INFO + "/RECORD", record)
    return NAME
`;

const PYPROJECT = `
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "thing"
version = "1.0"
`;

function sdist(folder: string): string {
  const source = join(temporaryFolder('sdist'), 'thing-1.0');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'backend.py'), BACKEND);
  writeFileSync(join(source, 'pyproject.toml'), PYPROJECT);
  writeFileSync(join(source, 'PKG-INFO'), 'Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'thing-1.0.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', join(source, '..'), 'thing-1.0']);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

let runner: FakeRunner;
let service: CacheService;
let builds: string;

beforeAll(async () => {
  runner = fakeRunner();
  service = await cacheService();
  builds = join(temporaryFolder('builds'), 'builds');
  const sha256 = sdist(join(runner.workspace, 'vendor'));
  const lock = `--no-index\n--find-links vendor\nthing==1.0 --hash=sha256:${sha256}\n`;
  writeFileSync(join(runner.workspace, 'requirements.txt'), lock);
});
afterAll(() => {
  service.close();
  runner.remove();
});

/** A machine of its own, where only the private tools are there already. */
async function check(says: string, cache = 'on'): Promise<StepResult> {
  const home = temporaryFolder('home');
  const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
  mkdirSync(tools, { recursive: true });
  mkdirSync(join(home, 'exitproof'));
  symlinkSync(tools, join(home, 'exitproof/tools'));
  writeFileSync(join(runner.workspace, 'app.py'), `import thing\nprint('${says}', thing.WHO)\n`);
  rmSync(join(runner.workspace, '.exitproof'), { recursive: true, force: true });
  const step = await runner.step({
    entry: 'src/action/main.ts',
    inputs: { 'entry-point': 'app.py', python: PYTHON, cache },
    env: { ...service.env, XDG_CACHE_HOME: home, BUILDS: builds },
  });
  expect(step.exitCode, step.stdout + step.stderr).toBe(0);
  const executable = join(runner.workspace, step.outputs['executable'] ?? '');
  expect(execFileSync(executable, { encoding: 'utf8' })).toBe(`${says} a thing\n`);
  return step;
}

const built = (): number => (existsSync(builds) ? readFileSync(builds, 'utf8').split('\n').length - 1 : 0);

describe.skipIf(PYTHON === '')('wheels that were built from sdists', () => {
  test("serve the jobs after, from GitHub's cache, and heal where they are corrupt", async () => {
    expect((await check('one')).outputs['cache-result']).toBe('miss');
    expect(built()).toBe(1);
    expect(service.keys().map((key) => key.replace(/^exitproof-(\w+)-.*$/, '$1'))).toEqual([
      'wheels',
      'layout',
    ]);

    const partial = await check('two');
    expect(partial.outputs).toMatchObject({
      verdict: 'passed',
      'cache-result': 'partial',
      'cache-reason': 'part changed: project; built before, from sdists: thing',
    });
    expect(built()).toBe(1);
    // What was there whole is not saved again.
    expect(service.keys().filter((key) => key.includes('-wheels-'))).toHaveLength(1);
    expect((await check('two')).outputs['cache-result']).toBe('hit');

    service.faults = {
      handsOut: (archive, key) =>
        key.includes('-wheels-') && !key.endsWith('.2') ? archive.subarray(0, archive.length / 2) : archive,
    };
    const corrupt = await check('three');
    expect(corrupt.outputs).toMatchObject({ verdict: 'passed', 'cache-result': 'miss' });
    expect(corrupt.stdout).toContain('the cached wheels are not what was saved, and are built anew');
    expect(built()).toBe(2);
    expect(service.keys().filter((key) => key.includes('-wheels-'))).toHaveLength(2);
    expect((await check('four')).outputs['cache-result']).toBe('partial');
    expect(built()).toBe(2);
  });

  test('are built anew where nothing is to come from a cache', async () => {
    const before = built();
    expect((await check('five', 'off')).outputs['cache-result']).toBe('off');
    expect(built()).toBe(before + 1);
  });
});

import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { expect, test } from 'vitest';
import type { BuildPlan, Wheelhouse } from '../../../src/build/model.ts';
import { describeWheel } from '../../../src/build/wheelFile.ts';
import { cacheKey } from '../../../src/cache/key.ts';
import { keyMaterial } from '../../../src/cache/keyMaterial.ts';
import { anyPython } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const PYTHON = anyPython() ?? '';

const RECORD = '"app/a,b.py",sha256=ab-_c=,3\napp/__init__.py,sha256=abc,\napp-1.dist-info/RECORD,,\n';

async function wheel(file: string, time: number, record = RECORD, mode = 0o644) {
  const path = join(temporaryFolder('wheel'), file);
  const zip = new ZipArchive();
  const written = pipeline(zip, createWriteStream(path));
  const [name, version] = file.split('-');
  zip.append('#!/bin/sh\n', { name: 'app/run.sh', date: new Date(time), mode });
  zip.append(record, { name: `${name}-${version}.dist-info/RECORD`, date: new Date(time) });
  await Promise.all([zip.finalize(), written]);
  return describeWheel(path);
}

const plan: BuildPlan = {
  source: { kind: 'project', folder: '/somewhere/app' },
  requirement: [],
  distribution: 'app',
  extras: [],
  entry: { kind: 'script', name: 'run', from: 'the only script' },
  lock: { kind: 'hashed', path: '/somewhere/app/requirements.txt' },
  interpreter: {
    path: '/somewhere/python',
    version: '3.12.1',
    implementation: 'CPython',
    soabi: 'cpython-312',
    platform: 'linux-x86_64',
    from: 'PATH',
  },
  builder: { name: 'pex', version: '2.1', args: ['--a b'], sha256: null },
  repository: null,
  sourceDateEpoch: 0,
  output: '/somewhere/app/out',
  ready: null,
};

const options = (wheelhouse: Partial<Wheelhouse>, over: Partial<BuildPlan> = {}) => ({
  plan: { ...plan, ...over },
  wheelhouse: { folder: '/w', dependencies: [], project: null, sources: null, reused: [], ...wheelhouse },
  layout: 'venv' as const,
  suffix: 's',
  compression: 'none',
});

test("a project is what its wheel's RECORD says, whenever it was built; a dependency is its wheel's bytes", async () => {
  const [first, second] = [
    await wheel('app-1-py3-none-any.whl', 1e12),
    await wheel('app-1-py3-none-any.whl', 2e12),
  ];
  expect(first.sha256).not.toBe(second.sha256);
  const own = await keyMaterial(options({ project: first }));
  expect(own).toEqual(await keyMaterial(options({ project: second })));
  expect(own).toMatchObject({ name: 'app', projectRecord: RECORD, wheels: ['app-1-py3-none-any.whl'] });
  const needed = await keyMaterial(options({ dependencies: [first] }));
  expect(needed.dependencies).toEqual([{ name: 'app', sha256: first.sha256 }]);
  expect(needed.projectRecord).toBeNull();
});

test.each(['', 'app-1.dist-info/RECORD,,\n', 'app/__init__.py,,\n', `app/data,sha256=abc,1\n"x,y",,9\n`])(
  "a RECORD that doesn't tell all stands for nothing: %j",
  async (record) => {
    const file = 'app-1-py3-none-any.whl';
    const [first, second] = [await wheel(file, 1e12, record), await wheel(file, 2e12, record)];
    const told = await keyMaterial(options({ project: first }));
    expect(told.projectRecord).not.toBe((await keyMaterial(options({ project: second }))).projectRecord);
  },
);

test('so is what no line of it tells: which files are executable', async () => {
  const file = 'app-1-py3-none-any.whl';
  const [plain, other, executable] = await Promise.all(
    [0o644, 0o600, 0o755].map(
      async (mode) =>
        (await keyMaterial(options({ project: await wheel(file, 1e12, RECORD, mode) }))).projectRecord,
    ),
  );
  expect(other).toBe(plain);
  expect(executable).not.toBe(plain);
});

test('what is asked for by name is in it; a login in an argument is not', async () => {
  const asked = { requirement: ['Some_Tool[cli]>=1'], extras: ['Fast'] };
  expect((await keyMaterial(options({}, asked))).asked).toEqual(['some-tool', '[fast]']);
  const args = ['--index-url=https://me:secret@packages.example/simple'];
  const { builder } = await keyMaterial(options({}, { builder: { ...plan.builder, args } }));
  expect(builder.args).toEqual(['--index-url=https://****@packages.example/simple']);
});

test.skipIf(PYTHON === '')(
  'the build of an interpreter that is packed is in it, and of no other',
  async () => {
    const interpreter = { ...plan.interpreter, path: PYTHON };
    const buildOf = async (layout: 'onedir' | 'zipapp') =>
      (await keyMaterial({ ...options({}, { interpreter }), layout })).python.build;
    expect(await buildOf('onedir')).toMatch(/^\d+\.\d+\.\d+\S* \(/);
    expect(await buildOf('zipapp')).toBeNull();
  },
);

test('what decides how a layout comes out is in it, and no path of this machine', async () => {
  const sources = { folder: '/somewhere/copy', main: null, sha256: 'f00' };
  const material = await keyMaterial(options({ sources }));
  expect(material).toMatchObject({
    python: { implementation: 'CPython', version: '3.12.1', soabi: 'cpython-312' },
    builder: { name: 'pex', version: '2.1', args: ['--a b'], entry: 'script run', layout: 'venv' },
    platform: { os: process.platform, architecture: process.arch },
    sources: 'f00',
    suffix: 's',
    compression: 'none',
  });
  expect(JSON.stringify(material)).not.toContain('/somewhere');
});

test('what an argument names is in it by content, where the builder would find it', async () => {
  const folder = temporaryFolder('arguments');
  const sources = { folder, main: null, sha256: null };
  const argsOf = async (builder: 'pex' | 'pyinstaller', args: readonly string[]) =>
    (
      await keyMaterial(
        options({ sources }, { builder: { name: builder, version: '6', args, sha256: null } }),
      )
    ).builder.args;
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'a'), '1');
  const args = ['--add-data', 'data:data', '--icon=nothing.ico'];
  const [before, pex] = [await argsOf('pyinstaller', args), await argsOf('pex', args)];
  expect(before).toHaveLength(args.length + 1);
  expect(pex).toEqual(args);
  writeFileSync(join(folder, 'data', 'a'), '2');
  expect(await argsOf('pyinstaller', args)).not.toEqual(before);
  expect(await argsOf('pex', [`--D=${folder}/data`])).toHaveLength(2);
});

test("a packager of the index is told from the lock's by its hash, and by what it needs", async () => {
  const versionOf = async (name: 'pex' | 'shiv', sha256: string | null) =>
    (await keyMaterial(options({}, { builder: { name, version: '1.0.7', args: [], sha256 } }))).builder
      .version;
  expect(await versionOf('pex', null)).toBe('1.0.7');
  expect(await versionOf('pex', 'abc')).toBe('1.0.7+abc');
  expect(await versionOf('shiv', 'abc')).toMatch(/^1\.0\.7\+[0-9a-f]{12}\+abc$/);
});

test('a function and a module of one name are two entries; a requirement alone gives its name', async () => {
  const entryOf = async (entry: BuildPlan['entry']) =>
    (await keyMaterial(options({}, { entry }))).builder.entry;
  const module = await entryOf({ kind: 'module', name: 'app', from: '' });
  expect(module).not.toBe(await entryOf({ kind: 'script', name: 'app', from: '' }));
  const nameOf = async (requirement: string) =>
    (await keyMaterial(options({}, { distribution: null, requirement: [requirement] }))).name;
  expect(await nameOf('httpie==3.2.4')).toBe('httpie');
  expect(await nameOf('httpie @ file:///home/somebody/httpie.whl')).toBe('httpie');
  expect(await nameOf('/home/somebody/httpie-3.2.4-py3-none-any.whl')).toBe('run');
});

test('the key is the same wherever the same thing is built', async () => {
  const elsewhere: Partial<BuildPlan> = {
    source: { kind: 'project', folder: '/other/app' },
    repository: { root: '/other', shallow: false, commonDir: '/o', gitDir: '/o', commitTime: 1 },
    lock: { kind: 'hashed', path: '/other/app/requirements.txt' },
    interpreter: { ...plan.interpreter, path: '/other/python', from: 'the setting' },
    output: '/other/out',
    entry: { kind: 'script', name: 'run', from: 'the setting' },
    sourceDateEpoch: 1,
  };
  const sources = { folder: '/other/copy', main: '/other/main', sha256: null };
  const there = await keyMaterial(options({ folder: '/other/w', sources }, elsewhere));
  expect(cacheKey(there)).toEqual(cacheKey(await keyMaterial(options({}))));
});

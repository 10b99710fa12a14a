import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockLines, pinnedOf } from '../../src/build/lockLines.ts';
import { sha256Of } from '../../src/digest.ts';
import { fetchPinned } from '../../src/packageIndex/fetchPinned.ts';
import { placesOf } from '../../src/packageIndex/places.ts';
import { evidenceTools } from '../../src/toolchain/evidenceTools.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { defaultPexVersion, pexTool } from '../../src/toolchain/pex.ts';
import { privatePip } from '../../src/toolchain/pip.ts';
import { supportedBy } from '../../src/toolchain/supported.ts';
import { toolEnvironment } from '../../src/toolchain/toolEnvironment.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { type PackageIndex, packageIndex } from '../support/packageIndex.ts';
import { fixture } from '../support/paths.ts';
import { anyPython, pythons } from '../support/pythons.ts';
import { quietLog } from '../support/quietLog.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { recordingContext } from '../unit/toolchain/context.ts';

/** By project; what comes after a colon is its `requires-python`. */
const OFFERED = [
  ...['3.8', '3.9', '3.10', '3.11', '3.12', '3.13'].flatMap((short) => {
    const cp = `cp${short.replace('.', '')}`;
    return [
      `native-1.0-${cp}-${cp}-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`,
      `native-1.0-${cp}-${cp}-manylinux_2_28_x86_64.whl`,
      `native-1.0-${cp}-${cp}-musllinux_1_2_x86_64.whl`,
      `native-1.0-${cp}-${cp}-win_amd64.whl`,
    ];
  }),
  'native-1.0-py3-none-any.whl',
  ...['stable-1.0-cp38-abi3-manylinux2014_x86_64.whl', 'stable-1.0-cp311-abi3-manylinux2014_x86_64.whl'],
  'stable-1.0-cp39-abi3-manylinux_2_5_x86_64.manylinux1_x86_64.whl',
  ...['both-1.0-py2.py3-none-any.whl', 'both-1.0-py310-none-any.whl', 'both-1.0-py3.py312-none-any.whl'],
  'ranged-1.0-cp312-cp312-manylinux2014_x86_64.whl:>=3.13',
  'ranged-1.0-py3-none-any.whl:>=3.9,!=3.11.*',
  'ranged-1.0-py2.py3-none-any.whl:>=2.7,!=3.0.*,<3.9',
  'marked-1.0-py3-none-any.whl',
  'upper.case_dot-2.0.0-py3-none-any.whl',
];
const REQUIREMENTS = [
  'native==1.0',
  'stable==1.0',
  'both==1.0',
  'ranged==1.0',
  "marked==1.0 ; python_version >= '3.10' and sys_platform == 'linux'",
  'Upper-Case.Dot==2',
];

const folder = temporaryFolder('offered');
let index: PackageIndex;
let lock = '';

const PYTHON = anyPython() ?? '';

beforeAll(async () => {
  const names = OFFERED.map((offer) => offer.split(':')[0] ?? '');
  execFileSync(PYTHON, [fixture('make_tagged_wheels.py'), folder, ...names]);
  const ranges = new Map(OFFERED.map((offer) => [offer.split(':')[0], offer.split(':')[1] ?? null]));
  index = await packageIndex(folder, null, {
    json: (file) => ({ 'requires-python': ranges.get(file) }),
  });
  const hashes = (project: string): string =>
    readdirSync(folder)
      .filter((file) => plain(file.split('-')[0] ?? '') === plain(project))
      .map((file) => `--hash=sha256:${sha256Of(readFileSync(join(folder, file)))}`)
      .join(' ');
  lock = REQUIREMENTS.map((line) => `${line} ${hashes(/^[\w.-]+/.exec(line)?.[0] ?? '')}\n`).join('');
});
afterAll(() => index?.close());

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

describe.skipIf(PYTHON === '')('wheels that an index has ready-made', () => {
  test.for(pythons())('are the ones that pip takes: $version', async ({ path }) => {
    const env = {
      ...testEnvironment(),
      PIP_INDEX_URL: index.url,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_FIND_LINKS: '',
    };
    const work = temporaryFolder('ready');
    const context = recordingContext(work, env);
    const interpreter = await findInterpreter({
      python: path,
      project: null,
      requiresPython: null,
      path: '',
      env,
    });
    const pip = await privatePip(interpreter, { ...context, env: testEnvironment() });
    const places = { indexes: [index.url], certificates: null, mayWantLogin: () => false };
    const pinned = lockLines([lock]).requirements.flatMap((line) => pinnedOf(line) ?? []);
    expect(pinned).toHaveLength(REQUIREMENTS.length);
    const markers = pinned.flatMap(({ marker }) => marker ?? []);
    const pipEnv = toolEnvironment(env);
    const told = await supportedBy(interpreter, { pip, markers, env: pipEnv }, context);
    expect(placesOf(told.settings, pipEnv)?.indexes).toEqual([index.url]);
    const ours = join(work, 'ours');
    mkdirSync(ours);
    const { left } = await fetchPinned({
      pinned,
      places,
      folder: ours,
      told,
      have: async () => false,
      what: 'Fetching',
      context: { log: quietLog },
    });
    const took = readdirSync(ours);

    const file = join(work, 'lock.txt');
    const theirs = join(work, 'theirs');
    const byPip = async (lines: string): Promise<string[]> => {
      writeFileSync(file, lines);
      const args = [
        'wheel',
        '--quiet',
        '--no-cache-dir',
        '--no-deps',
        '--require-hashes',
        '-r',
        file,
        '--wheel-dir',
        theirs,
      ];
      // The index is in this process.
      await promisify(execFile)(interpreter.path, ['-I', pip.path, ...args], { env });
      return readdirSync(theirs);
    };
    // What is left is nothing that pip would not have found otherwise: two that fit as well, and none that fits.
    const isLeft = (line: string): boolean => left.some(({ name }) => plain(line).startsWith(`${name}==`));
    const lines = lock.split('\n').filter((line) => line !== '' && !isLeft(line));
    expect(took.sort()).toEqual((await byPip(lines.join('\n'))).sort());
    expect(left.map(({ name }) => name).filter((name) => !['both', 'ranged'].includes(name))).toEqual([]);
  });

  test("are asked for where pip's own reading of its files says", async () => {
    const home = temporaryFolder('home');
    const asked = { python: PYTHON, project: null, requiresPython: null, path: '', env: process.env };
    const interpreter = await findInterpreter(asked);
    const context = recordingContext(temporaryFolder('work'), testEnvironment());
    const pip = await privatePip(interpreter, context);
    const corp = 'https://corp.example/simple';
    const ask = async (text: string, more: Readonly<Record<string, string>> = {}) => {
      mkdirSync(join(home, '.config', 'pip'), { recursive: true });
      writeFileSync(join(home, '.config', 'pip', 'pip.conf'), text);
      const env = { HOME: home, XDG_CONFIG_DIRS: home, ...more };
      const { settings } = await supportedBy(interpreter, { pip, markers: [], env }, context);
      return placesOf({ ...settings, 'global.cert': '', 'global.find-links': '' }, env)?.indexes[0];
    };
    expect(await ask(`[global]\n    timeout = 60\n    index-url = ${corp}\n`)).toBe(corp);
    expect(await ask(`[global]\n--index-url = ${corp}\n`)).toBe(corp);
    expect(await ask(`[global]\n  timeout = 60\n  no-index = true\n`)).toBeUndefined();
    const named = join(home, 'ci.conf');
    writeFileSync(named, '[global]\ntimeout = 60\n');
    expect(await ask(`[global]\nindex-url = ${corp}\n`, { PIP_CONFIG_FILE: named })).not.toBe(corp);
  });

  test("of exitproof's own come without pip, too", async (context) => {
    const env = testEnvironment({ XDG_CACHE_HOME: temporaryFolder('cache') });
    const recorded = recordingContext(temporaryFolder('work'), env);
    const asked = { python: PYTHON, project: null, requiresPython: null, path: env['PATH'] ?? '', env };
    const interpreter = await findInterpreter(asked);
    const pipEnv = toolEnvironment(env);
    const { settings } = await supportedBy(interpreter, { pip: null, markers: [], env: pipEnv }, recorded);
    need(context, 'a pip whose settings are plain', placesOf(settings, pipEnv));

    await pexTool(defaultPexVersion(), interpreter, recorded);
    const tools = await evidenceTools(interpreter, recorded);

    expect(tools.missing).toBeNull();
    expect(execFileSync(tools.pySpy ?? '', ['--version'], { encoding: 'utf8' })).toContain('py-spy');
    expect(execFileSync(tools.pystack ?? '', ['--help'], { encoding: 'utf8' })).toContain('pystack');
    expect(recorded.lines.filter((line) => /pip (download|install|wheel)/.test(line))).toEqual([]);
  });

  test('are waited for by no job that is over', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const { port } = silent.address() as AddressInfo;
    try {
      const cache = temporaryFolder('cache');
      const index = {
        PIP_INDEX_URL: `http://127.0.0.1:${port}/simple`,
        PIP_EXTRA_INDEX_URL: '',
        PIP_FIND_LINKS: '',
      };
      const env = testEnvironment({ XDG_CACHE_HOME: cache, ...index });
      const program = join(cache, 'slow.sh');
      // Long enough for the tools to be on their way.
      writeFileSync(program, '#!/bin/sh\nsleep 2.5\n', { mode: 0o755 });
      const done = await runCli(['check', '--executable', program, '--python', PYTHON], { cwd: cache, env });
      expect(done.stdout).toContain('passed');
      expect(done.milliseconds).toBeLessThan(10_000);
      expect(readdirSync(join(cache, 'exitproof', 'tools'))).toEqual([]);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  test('come without pip; by pip comes what is built, and of a changed lock only what has changed', async () => {
    await ownTools();
    const root = temporaryFolder('project');
    execFileSync(PYTHON, [fixture('make_sdist.py'), join(folder, 'made-1.0.tar.gz'), root]);
    const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
    write('app.py', 'import both, made, marked\nprint(both.FILE, made.MADE, marked.FILE)\n');
    const line = (file: string): string => {
      const [name, version] = file.split('-');
      const hash = sha256Of(readFileSync(join(folder, file)));
      return `${name}==${version?.replace('.tar.gz', '')} --hash=sha256:${hash}\n`;
    };
    const [both, made, marked] = [
      'both-1.0-py2.py3-none-any.whl',
      'made-1.0.tar.gz',
      'marked-1.0-py3-none-any.whl',
    ];
    const env = testEnvironment({ PIP_INDEX_URL: index.url, PIP_EXTRA_INDEX_URL: '', PIP_FIND_LINKS: '' });
    const check = async (...locked: readonly string[]) => {
      index.served.splice(0);
      write('requirements.txt', locked.map(line).join(''));
      const args = [
        'check',
        '--python',
        PYTHON,
        '--entry-point',
        'app.py',
        '--requirements',
        'requirements.txt',
      ];
      const done = await runCli([...args, '--smoke=', '--verbose'], { cwd: root, env });
      const collected = /pip wheel .*locked\.txt/.test(done.stderr + done.stdout);
      return {
        code: done.code,
        said: done.stdout + done.stderr,
        collected,
        served: [...index.served].sort(),
      };
    };

    const first = await check(made, marked);
    expect(first.said).toMatch(/No module named 'both'/);
    expect(first.collected).toBe(true);
    expect(first.served.filter((path) => path.includes('/files/'))).toEqual([
      '/files/made-1.0.tar.gz',
      `/files/${marked}`,
    ]);
    const second = await check(made, marked, both);
    expect(second.said).toContain(`${both} made ${marked}`);
    expect(second.code).toBe(0);
    expect(second.collected).toBe(false);
    expect(second.served).toEqual([`/files/${both}`, '/simple/both/', '/simple/marked/']);
  });
});

/** Exitproof's own, which come from the machine's index: the one of the test has none of them. */
async function ownTools(): Promise<void> {
  const env = testEnvironment();
  const context = recordingContext(temporaryFolder('tools'), env);
  const asked = { python: PYTHON, project: null, requiresPython: null, path: env['PATH'] ?? '', env };
  const interpreter = await findInterpreter(asked);
  await pexTool(defaultPexVersion(), interpreter, context);
  await evidenceTools(interpreter, context);
}

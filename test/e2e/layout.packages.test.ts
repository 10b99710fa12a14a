import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { describeWheel } from '../../src/build/wheelFile.ts';
import { LAYOUT_FILE, type LayoutInfo, OWN_FOLDER, seal } from '../../src/layout/manifest.ts';
import { clockAt } from '../../src/layout/memory/stamp.ts';
import { scan } from '../../src/layout/scan.ts';
import { materialise } from '../../src/layout/venv/materialise.ts';
import { openPackages, type Packages } from '../../src/layout/venv/packages.ts';
import { mustRun } from '../../src/toolchain/exec.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { defaultPexVersion, OLDEST_PEX, pexCommand, pexTool } from '../../src/toolchain/pex.ts';
import { fixture } from '../support/paths.ts';
import { python } from '../support/pythons.ts';
import { quietLog } from '../support/quietLog.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const CASES = [
  ['3.12', defaultPexVersion()],
  ['3.8', defaultPexVersion()],
  ['3.9', OLDEST_PEX],
  ['3.11', '2.58.0'],
] as const;

test.for(CASES)(
  'packages from their wheels make the layout that PEX would make, Python %s, pex %s',
  async ([version, pex], context) => {
    const found = need(context, `Python ${version}`, python(version));
    const { layOut } = await placeFor(found, pex, []);

    const ours = await layOut('wheels');
    const theirs = await layOut('pex');

    expect(ours.written).toBeGreaterThan(5);
    expect(theirs.written).toBe(0);
    expect(ours.tree).toEqual(theirs.tree);
  },
);

test('a wheel of which a file is not what it says of it is left to PEX', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut } = await placeFor(found, defaultPexVersion(), ['lie']);

  const ours = await layOut('wheels');
  const theirs = await layOut('pex');

  expect(ours.written).toBe(0);
  expect(ours.tree).toEqual(theirs.tree);
});

test('wheels that fight for a file are refused in the words of PEX', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut } = await placeFor(found, defaultPexVersion(), ['clash']);

  await expect(layOut('wheels')).rejects.toThrow(/laying the PEX out as a venv failed: .*collision/);
});

test('a PEX that leaves one of the wheels out is laid out without it', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut } = await placeFor(found, defaultPexVersion(), [], ['--exclude', 'lastline']);

  const { tree } = await layOut('wheels');

  expect([...tree.keys()].filter((path) => path.includes('lastline'))).toEqual([]);
});

const SITE = 'lib/python3.12/site-packages';

test('what an earlier layout has of the packages is taken over, and nothing else of it', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut, destination } = await placeFor(found, defaultPexVersion(), []);
  const { tree } = await layOut('wheels', { stays: true });
  const packages = join(destination, SITE);
  const inode = (path: string) => lstatSync(join(packages, path)).ino;
  const before = ['plain/__init__.py', 'plain_module.py', 'shared/two.py', 'lastline.py', 'odd.py'].map(
    inode,
  );
  mkdirSync(join(packages, 'plain', '__pycache__'));
  writeFileSync(join(packages, 'plain', '__pycache__', '__init__.cpython-312.pyc'), 'forged');
  writeFileSync(join(packages, 'plain', 'added.py'), 'ADDED = 1\n');
  chmodSync(join(packages, 'plain'), 0o700);

  const again = await layOut('wheels', { stays: true });

  expect(again.tree).toEqual(tree);
  const after = ['plain/__init__.py', 'plain_module.py', 'shared/two.py', 'lastline.py', 'odd.py'].map(inode);
  expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
  // That wheel is the packager's to install.
  expect(after[4]).not.toBe(before[4]);
});

const DAMAGES: readonly (readonly [string, (packages: string, elsewhere: string) => void])[] = [
  ['another byte', (packages) => writeFileSync(join(packages, 'plain', 'tool.sh'), '#!/bin/no\n')],
  ['another mode', (packages) => chmodSync(join(packages, 'plain', '__init__.py'), 0o777)],
  ['a file gone', (packages) => rmSync(join(packages, 'plain', 'empty.txt'))],
  ['a second name elsewhere', (packages, other) => linkSync(join(packages, 'plain', '__init__.py'), other)],
  [
    'a link in the place of a folder',
    (packages, other) => {
      renameSync(join(packages, 'plain'), other);
      symlinkSync(other, join(packages, 'plain'));
    },
  ],
];

test.for(DAMAGES)(
  'a package of an earlier layout that is not as it was is unpacked anew: %s',
  async ([, damage], context) => {
    const found = need(context, 'Python 3.12', python('3.12'));
    const { layOut, destination } = await placeFor(found, defaultPexVersion(), []);
    const { tree } = await layOut('wheels', { stays: true });
    const packages = join(destination, SITE);
    const inode = (path: string) => lstatSync(join(packages, path)).ino;
    const [plain, shared] = [inode('plain/__init__.py'), inode('shared/one.py')];
    damage(packages, `${destination}.elsewhere`);

    const again = await layOut('wheels', { stays: true });

    expect(again.tree).toEqual(tree);
    expect(inode('plain/__init__.py')).not.toBe(plain);
    expect(inode('shared/one.py')).toBe(shared);
  },
);

test('a package that somebody changes while the PEX is built is unpacked anew', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut, destination } = await placeFor(found, defaultPexVersion(), []);
  const { tree } = await layOut('wheels', { stays: true });
  const tool = join(destination, SITE, 'plain', 'tool.sh');
  const { atime, mtime } = lstatSync(tool);
  const meanwhile = (): void => {
    writeFileSync(tool, '#!/bin/no\n');
    utimesSync(tool, atime, mtime);
  };

  const again = await layOut('wheels', { stays: true, meanwhile });

  expect(again.tree).toEqual(tree);
});

test('a layout that goes away while the PEX is built is unpacked anew', async (context) => {
  const found = need(context, 'Python 3.12', python('3.12'));
  const { layOut, destination } = await placeFor(found, defaultPexVersion(), []);
  const { tree } = await layOut('wheels', { stays: true });

  const again = await layOut('wheels', { meanwhile: () => renameSync(destination, `${destination}.lent`) });

  expect(again.tree).toEqual(tree);
});

/** No packages: PEX does all of it. */
const BY_PEX: Packages = { unpacked: async () => null, drop: async () => {} };

interface Options {
  /** In its place, as a job leaves it that has passed. */
  readonly stays?: boolean;
  /** While the PEX is built. */
  readonly meanwhile?: () => void;
}

const apps = new Map<string, ReturnType<typeof build>>();

/** A place for layouts of one PEX, which is built once. */
async function placeFor(...asked: Parameters<typeof build>) {
  const name = JSON.stringify(asked);
  const app = apps.get(name) ?? build(...asked);
  apps.set(name, app);
  return (await app)(temporaryFolder());
}

/** Of all the wheels, and a folder of sources. */
async function build(
  pythonPath: string,
  version: string,
  extra: readonly string[],
  flags: readonly string[] = [],
) {
  const root = temporaryFolder();
  const wheelhouse = join(root, 'wheels');
  const sources = join(root, 'sources');
  const work = join(root, 'work');
  const file = join(root, 'app.pex');
  for (const folder of [work, join(sources, 'own')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(sources, 'own', 'code.py'), 'OWN = 1\n');
  writeFileSync(join(sources, 'own', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  execFileSync(pythonPath, [fixture('make_wheels.py'), wheelhouse, ...extra]);
  const context = { log: quietLog, env: process.env, work };
  const path = process.env['PATH'] ?? '';
  const asked = { python: pythonPath, requiresPython: null, project: null, path, env: process.env };
  const interpreter = await findInterpreter(asked);
  const tool = await pexTool(version, interpreter, context);
  const wheels = await Promise.all(
    readdirSync(wheelhouse).map((name) => describeWheel(join(wheelhouse, name))),
  );
  const left = flags.includes('--exclude') ? 'lastline' : null;
  const args = [
    ...[
      '--pre-resolved-dists',
      wheelhouse,
      ...wheels.map(({ name }) => name).filter((name) => name !== left),
    ],
    ...['-D', sources, '-c', 'plain', '--venv', 'prepend', '--sh-boot', '--venv-site-packages-copies'],
    ...['--include-tools', '--no-pre-install-wheels', '--no-compress', '-o', file, ...flags],
  ];
  const env = { PATH: path, HOME: root, PEX_ROOT: join(root, 'pex-root') };
  await mustRun(
    { tool: interpreter.path, args: [...pexCommand(tool), ...args], env, cwd: work },
    context,
    'pex',
  );

  return (place: string) => {
    const destination = join(place, 'layout');
    const layOut = async (by: 'wheels' | 'pex', { stays = false, meanwhile = () => {} }: Options = {}) => {
      const packages = by === 'pex' ? BY_PEX : openPackages({ wheels, destination, mayReuse: true }, context);
      await packages.unpacked();
      meanwhile();
      const options = {
        pex: file,
        destination,
        interpreter: interpreter.path,
        tool: tool.folder,
        packages,
        pexRoot: env.PEX_ROOT,
        context,
      };
      const { folder, written } = await materialise(options);
      await packages.drop();
      const tree = treeOf(folder);
      if (stays) await signOf(folder);
      else renameSync(folder, join(place, by));
      return { written: written.length, tree };
    };
    return { layOut, destination };
  };
}

/** What a job leaves in a layout that passed. */
async function signOf(folder: string): Promise<void> {
  const scanned = await scan(folder);
  if (scanned.kind !== 'tree') throw new Error(scanned.reason);
  const info: LayoutInfo = {
    exitproof: '1',
    commit: null,
    verdict: 'passed',
    entry: 'plain',
    layout: 'venv',
    executable: 'bin/plain',
    interpreter: { implementation: 'CPython', version: '3.12.1', soabi: '' },
    platform: null,
    artifact: null,
  };
  mkdirSync(join(folder, OWN_FOLDER));
  writeFileSync(join(folder, LAYOUT_FILE), seal({ info, manifest: scanned.manifest }));
  const { ctimeMs } = lstatSync(join(folder, LAYOUT_FILE));
  // What has changed within one tick of the clock is not known by its looks.
  await vi.waitFor(() => expect(clockAt(`${folder}.now`) - ctimeMs).toBeGreaterThan(60));
}

/** Mode, and link or content. */
function treeOf(folder: string, below = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = join(below, name);
    const full = join(folder, path);
    const stats = lstatSync(full);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) found.set(path, readlinkSync(full));
    else if (stats.isDirectory())
      for (const entry of treeOf(folder, path).set(path, mode)) found.set(...entry);
    else {
      found.set(path, `${mode} ${readFileSync(full, 'latin1')}`);
    }
  }
  return found;
}

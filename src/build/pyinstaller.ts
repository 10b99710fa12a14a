import { copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { oneFileLayout } from '../layout/oneFile.ts';
import { makeWay } from '../layout/place.ts';
import { placeTree } from '../layout/placeTree.ts';
import { problem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { runTool, toolProblem } from '../toolchain/exec.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';
import { lockDigest } from '../toolchain/lockFile.ts';
import { normaliseModes } from '../toolchain/modes.ts';
import { packagerTool, packagerVersion } from '../toolchain/packager.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Builder, BuildRequest } from './builder.ts';
import type { BuildPlan, Wheelhouse } from './model.ts';
import { pyinstallerArguments, refuseOurs } from './pyinstallerArguments.ts';
import { type Preparation, prepare, START } from './pyinstallerPrepare.ts';

export const pyinstallerBuilder: Builder = {
  name: 'pyinstaller',
  ending: '',
  version: (setting, args, interpreter) => {
    refuseOurs(args);
    if (interpreter.implementation !== 'CPython') {
      throw problem(
        'settings',
        `builder: pyinstaller can't pack ${interpreter.implementation}, takes CPython.`,
      );
    }
    return packagerVersion('pyinstaller', setting, interpreter);
  },
  fetch: async (version, interpreter, context) =>
    (await packagerTool('pyinstaller', version, interpreter, context)).sha256,
  needs: () => lockDigest('pyinstaller'),
  accept: async () => {},
  build: async (request) => {
    const { layout, name, file, folder, context } = request;
    const built = await context.log.stage('Build with PyInstaller', () => buildFrozen(request));
    if (layout === 'onedir') {
      await normaliseModes(built);
      return placeTree(built, folder, name);
    }
    await makeWay(file);
    await mkdir(dirname(file), { recursive: true });
    await copyFile(built, file);
    return oneFileLayout(file);
  },
  // One file unpacks itself into the temporary folder, and one that is killed leaves all of it there.
  environment: ({ layout, work }) => (layout === 'onefile' ? { TMPDIR: work } : {}),
  packagerFiles: () => [`${START}.py`, 'pyimod', 'pyiboot', 'pyi_rth'],
  interpreter: async (_boot, { interpreter: { path, version, implementation } }) => ({
    path,
    version,
    implementation,
  }),
};

/** Sets and dictionaries of strings get into the bytes by the order in which they hash. */
const SEED = '1';

/** The working directory is the user's project, whose modules are not to shadow the wheels'. */
const RUN =
  'import sys; sys.path = [path for path in sys.path if path]; sys.argv[0] = "pyinstaller"; ' +
  'from PyInstaller.__main__ import run; run()';

/** Returns the path of what came out: a folder or a file. */
async function buildFrozen(request: BuildRequest): Promise<string> {
  const { plan, wheelhouse, name, context } = request;
  const { builder } = plan;
  const layout = request.layout === 'onefile' ? 'onefile' : 'onedir';
  refuseWithoutTools(context.env['PATH']);
  const { python, work, parts } = await prepared(plan, wheelhouse, context);
  const dist = join(work, 'dist', layout);
  await rm(dist, { recursive: true, force: true });
  const args = pyinstallerArguments(plan, { ...parts, layout, name, dist, work });
  const result = await runTool(
    {
      tool: python,
      args: ['-c', RUN, ...args],
      env: toolEnvironment(context.env, {
        PYTHONHASHSEED: SEED,
        SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch),
        PYINSTALLER_CONFIG_DIR: join(work, 'config'),
        // With that of setuptools the packed program would lack it, since setuptools is not in.
        SETUPTOOLS_USE_DISTUTILS: 'stdlib',
        TZ: 'UTC',
      }),
      cwd: wheelhouse.sources?.folder ?? work,
    },
    context,
    'Packing by pyinstaller',
  );
  if (result.exitCode !== 0) throw failure(result, builder.version);
  return join(dist, name);
}

const preparations = new WeakMap<Wheelhouse, Promise<Preparation>>();

/** Once for all layouts of a job: in the same folder PyInstaller takes up its own analysis, as long as no file is newer. */
function prepared(plan: BuildPlan, wheelhouse: Wheelhouse, context: ToolContext): Promise<Preparation> {
  const known = preparations.get(wheelhouse);
  if (known !== undefined) return known;
  const preparing = prepare(plan, wheelhouse, context);
  preparations.set(wheelhouse, preparing);
  return preparing;
}

/** PyInstaller reads and writes executables with them, and says so in a stack trace. */
function refuseWithoutTools(path: string | undefined): void {
  if (process.platform !== 'linux') return;
  const missing = ['ldd', 'objdump', 'objcopy'].find((name) => findOnPath(name, path) === null);
  if (missing === undefined) return;
  throw problem('settings', `builder: pyinstaller needs ${missing}, and there is none on PATH.`, {
    hint: missing === 'ldd' ? 'It comes with the C library.' : 'Install binutils.',
  });
}

function failure(
  result: { readonly stderr: string; readonly stdout: string; readonly exitCode: number },
  version: string,
): Error {
  const unknown = /unrecognized arguments: (\S+)/.exec(result.stderr)?.[1];
  if (unknown !== undefined) {
    return problem(
      'settings',
      `builder-args: pyinstaller ${version} has no flag ${unknown.replace(/=.*/s, '')}.`,
    );
  }
  const hint = /Python (?:shared )?library (?:was )?not found|PythonLibraryNotFound/i.test(result.stderr)
    ? 'PyInstaller packs a Python that was built with a shared library: `python` of actions/setup-python, or `--enable-shared`.'
    : undefined;
  return toolProblem(result, `pyinstaller ${version}`, hint);
}

import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { oneFileLayout } from '../layout/oneFile.ts';
import { makeWay } from '../layout/place.ts';
import { placeTree } from '../layout/placeTree.ts';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun, runTool, toolProblem } from '../toolchain/exec.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';
import { lockDigest } from '../toolchain/lockFile.ts';
import { normaliseModes } from '../toolchain/modes.ts';
import { modulesIn, packagerTool, packagerVersion } from '../toolchain/packager.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Builder, BuildRequest } from './builder.ts';
import type { BuildPlan, Wheelhouse } from './model.ts';
import { type OwnPackages, pyinstallerArguments, refuseOurs } from './pyinstallerArguments.ts';
import { requirementName } from './requirements.ts';
import { installSite } from './site.ts';
import { type Start, startCode, startOf } from './start.ts';
import { normaliseName, sha256File, wheelFacts } from './wheelFile.ts';

/** No module of the program's can have this name by chance. */
const START = 'exitproof_start';

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
    return { ...(await oneFileLayout(file)), artifact: { path: file, sha256: await sha256File(file) } };
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
  const { plan, wheelhouse, layout, name, context } = request;
  const { builder, interpreter } = plan;
  refuseWithoutTools(context.env['PATH']);
  const { folder: tool } = await packagerTool('pyinstaller', builder.version, interpreter, context);
  const start = await startOf(plan, wheelhouse);
  const site = await installSite(plan, wheelhouse, { ...start, file: null }, context);
  const work = join(context.work, `pyinstaller-${layout}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const python = await environmentOf(interpreter, [site, tool], join(work, 'environment'), context);
  const script = await scriptOf(plan, start, site, join(work, 'start'));
  const args = pyinstallerArguments(plan, {
    layout: layout === 'onefile' ? 'onefile' : 'onedir',
    name,
    work,
    script,
    hidden: hiddenImports(start, site),
    excluded: await toolsAlone(tool, site),
    own: await ownPackages(plan, wheelhouse),
  });
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
  );
  if (result.exitCode !== 0) throw failure(result, builder.version);
  return join(work, 'dist', name);
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

/** A virtual environment, so that what the interpreter has beside the wheels is not packed by chance. */
async function environmentOf(
  interpreter: Interpreter,
  [site, tool]: readonly [string, string],
  folder: string,
  context: ToolContext,
): Promise<string> {
  const env = toolEnvironment(context.env);
  const make = ['-I', '-m', 'venv', '--without-pip', folder];
  await mustRun(
    { tool: interpreter.path, args: make, env },
    context,
    'Making an environment for PyInstaller',
  );
  const lib = join(folder, 'lib');
  const [version = ''] = await readdir(lib);
  // The wheels come first: a program that brings its own `packaging` is packed with that one.
  const lines = [`import site; site.addsitedir(${JSON.stringify(await realpath(site))})`, tool];
  await writeFile(join(lib, version, 'site-packages', 'exitproof.pth'), `${lines.join('\n')}\n`);
  return join(folder, 'bin', 'python');
}

/** A file is packed under its own name, so that stacks show it; anything else is started by one of ours. */
async function scriptOf(plan: BuildPlan, start: Start, site: string, folder: string): Promise<string> {
  const { entry } = plan;
  if (entry.kind === 'file' && start.file === null) return join(site, entry.path);
  await mkdir(folder);
  if (entry.kind === 'file' && start.file !== null) {
    const copy = join(folder, basename(entry.path));
    await copyFile(start.file, copy);
    return copy;
  }
  const script = join(folder, `${START}.py`);
  await writeFile(script, startCode(start));
  return script;
}

/** What is started by its name alone is seen by no analysis. */
function hiddenImports({ module, attribute, file }: Start, site: string): readonly string[] {
  if (attribute !== null || file !== null) return [];
  const isPackage = existsSync(join(site, ...module.split('.'), '__main__.py'));
  return isPackage ? [module, `${module}.__main__`] : [module];
}

/** PyInstaller's own needs, which a program that forgot to ask for them would find in the build and nowhere else. */
async function toolsAlone(tool: string, site: string): Promise<readonly string[]> {
  const packed = new Set(await modulesIn(site));
  return [...new Set(await modulesIn(tool))].filter((name) => name !== 'bin' && !packed.has(name)).sort();
}

/** The program's own wheels are packed whole: their data and metadata too. */
async function ownPackages(plan: BuildPlan, wheelhouse: Wheelhouse): Promise<readonly OwnPackages[]> {
  const asked = new Set(plan.requirement.map((line) => normaliseName(requirementName(line) ?? '')));
  const { project, dependencies } = wheelhouse;
  const wheels = [
    ...(project === null ? [] : [project]),
    ...dependencies.filter(({ name }) => asked.has(name)),
  ];
  return Promise.all(
    wheels.map(async ({ name, path }) => {
      const modules = [...(await wheelFacts(path)).modules];
      const packages = modules.filter(
        (one) => !one.includes('.') && modules.some((other) => other.startsWith(`${one}.`)),
      );
      return { distribution: name, packages: packages.sort() };
    }),
  );
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

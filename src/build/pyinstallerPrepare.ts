import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { normaliseName } from '../packageIndex/wheelName.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import { modulesIn, packagerTool } from '../toolchain/packager.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { BuildPlan, Wheelhouse } from './model.ts';
import type { OwnPackages, Parts } from './pyinstallerArguments.ts';
import { requirementName } from './requirements.ts';
import { installSite } from './site.ts';
import { type Start, startCode, startOf } from './start.ts';
import { wheelFacts } from './wheelFile.ts';

/** No module of the program's can have this name by chance. */
export const START = 'exitproof_start';

/** What PyInstaller is to pack, and with what it runs. */
export interface Preparation {
  /** The environment's: it finds the wheels and PyInstaller. */
  readonly python: string;
  /** A folder of the job. */
  readonly work: string;
  readonly parts: Pick<Parts, 'script' | 'hidden' | 'excluded' | 'own'>;
}

export async function prepare(
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  context: ToolContext,
): Promise<Preparation> {
  const { builder, interpreter } = plan;
  const { folder: tool } = await packagerTool('pyinstaller', builder.version, interpreter, context);
  const start = await startOf(plan, wheelhouse);
  const site = await installSite(plan, wheelhouse, { ...start, file: null }, context);
  const work = join(context.work, 'pyinstaller');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const python = await environmentOf(interpreter, [site, tool], join(work, 'environment'), context);
  const parts = {
    script: await scriptOf(plan, start, site, join(work, 'start')),
    hidden: hiddenImports(start, site),
    excluded: await toolsAlone(tool, site),
    own: await ownPackages(plan, wheelhouse),
  };
  return { python, work, parts };
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

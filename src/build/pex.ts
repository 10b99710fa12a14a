import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256File } from '../digest.ts';
import { makeWay } from '../layout/place.ts';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { runTool, toolProblem } from '../toolchain/exec.ts';
import { cacheRoot, type Environment } from '../toolchain/paths.ts';
import { pexCommand, pexTool } from '../toolchain/pex.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Artifact, BuildPlan, Entry, Sources, Wheel, Wheelhouse } from './model.ts';
import { explainFlag } from './pexFlags.ts';

const VENV_FLAGS = ['--venv', 'prepend', '--sh-boot', '--venv-site-packages-copies', '--include-tools'];
const ZIPAPP_FLAGS = ['--sh-boot', '--include-tools'];

/** PEX's own cache while it builds: what it knows of interpreters serves the next build. */
export function buildPexRoot(env: Environment): string {
  return join(cacheRoot(env), 'pex-root');
}

/**
 * Makes one PEX of the wheelhouse at `destination` (a file path). The same wheels give the same bytes, wherever and
 * whenever it is built.
 */
export async function buildPex(
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  layout: Artifact['layout'],
  destination: string,
  context: ToolContext,
): Promise<Artifact> {
  const tool = await pexTool(plan.builder.version, plan.interpreter, context);
  await mkdir(dirname(destination), { recursive: true });
  await makeWay(destination);
  // A PEX unpacks by default into the home of caches that its builder was told of, by its path.
  const { XDG_CACHE_HOME: _, ...env } = toolEnvironment(context.env, {
    PEX_ROOT: buildPexRoot(context.env),
    SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch),
  });
  const result = await runTool(
    {
      tool: plan.interpreter.path,
      args: [...pexCommand(tool), ...pexArguments(plan, wheelhouse, layout, destination)],
      env,
      cwd: context.work,
    },
    context,
    'Packing the PEX',
  );
  if (result.exitCode !== 0) {
    // pex writes there first, and leaves it where the disk is full.
    await rm(`${destination}~`, { force: true });
    const flag = explainFlag(result.stderr, plan.builder.args, plan.builder.version);
    if (flag !== null) throw problem('settings', flag.message, { hint: flag.hint });
    throw toolProblem(result, `pex ${plan.builder.version}`);
  }
  return { path: destination, sha256: await sha256File(destination), layout };
}

/** What `pex` is given; no path in it gets into the PEX. */
export function pexArguments(
  plan: Pick<BuildPlan, 'entry' | 'source' | 'extras' | 'builder'> & { readonly interpreter: Interpreter },
  wheelhouse: Wheelhouse,
  layout: Artifact['layout'],
  destination: string,
): string[] {
  const { interpreter, source, builder } = plan;
  const minor = interpreter.version.split('.').slice(0, 2).join('.');
  const wheels = [...wheelhouse.dependencies, ...(wheelhouse.project === null ? [] : [wheelhouse.project])];
  return [
    ...['--python-path', interpreter.path],
    ...['--interpreter-constraint', `${interpreter.implementation}==${minor}.*`],
    // pex would otherwise take whatever the folder holds for something to be resolved by name.
    ...(wheels.length === 0 ? [] : ['--pre-resolved-dists', wheelhouse.folder]),
    ...requirements(wheelhouse, plan.extras),
    ...(source.kind === 'folder' ? packedFolders(plan.entry, sourcesOf(wheelhouse).folder) : []),
    ...entryArguments(plan.entry, source.kind, wheelhouse),
    ...(layout === 'venv' ? VENV_FLAGS : ZIPAPP_FLAGS),
    ...['--no-pre-install-wheels', '--no-compress'],
    ...builder.args,
    ...['--output-file', destination],
  ];
}

/** All of the wheelhouse, whether something in it asks for it or not: the lock may name plugins. */
function requirements(wheelhouse: Wheelhouse, extras: readonly string[]): string[] {
  const pin = (wheel: Wheel, suffix = ''): string =>
    `${wheel.name}${suffix}==${basename(wheel.path).split('-')[1] ?? ''}`;
  const { project, dependencies } = wheelhouse;
  const suffix = extras.length === 0 ? '' : `[${extras.join(',')}]`;
  return [...(project === null ? [] : [pin(project, suffix)]), ...dependencies.map((wheel) => pin(wheel))];
}

function entryArguments(entry: Entry, source: BuildPlan['source']['kind'], wheelhouse: Wheelhouse): string[] {
  switch (entry.kind) {
    case 'script':
      return ['--console-script', entry.name];
    case 'function':
      return ['--entry-point', entry.target];
    case 'module':
      return ['--entry-point', entry.name];
    case 'file': {
      const { folder, main } = sourcesOf(wheelhouse);
      if (main !== null && entry.path === '__main__.py') return ['--executable', main];
      // Run as a module a file keeps its own name in stacks; PEX would call it `__pex_executable__.py`.
      const stem = /^(?:.*\/)?([A-Za-z_]\w*)\.py$/.exec(entry.path)?.[1];
      if (source === 'folder' && stem !== undefined) return ['--entry-point', stem];
      return ['--executable', join(folder, entry.path)];
    }
  }
}

/** Python puts the folder of the file that it runs on its path: what lies beside that file is imported by name. */
function packedFolders(entry: Entry, folder: string): string[] {
  const beside = entry.kind === 'file' ? dirname(join(folder, entry.path)) : folder;
  return [...new Set([folder, beside])].flatMap((path) => ['--sources-directory', path]);
}

function sourcesOf(wheelhouse: Wheelhouse): Sources {
  if (wheelhouse.sources === null) throw new Error('a wheelhouse without sources has no file to run');
  return wheelhouse.sources;
}

import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache } from '../cache/openStore.ts';
import { problem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { privatePip } from '../toolchain/pip.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { fromLock } from './collectLocked.ts';
import { backendIndexes, bridgedIndexes, lockIndexes, refuseContradiction } from './indexes.ts';
import { namedBy, pipCommand, uvIndexesOf } from './lockedIndexes.ts';
import type { Wheel, Wheelhouse } from './model.ts';
import { pipIndexes } from './pipSettings.ts';
import { builtWithKept } from './projectWheel.ts';
import { readToml } from './pyproject.ts';
import { copySources, sourcesOf } from './sources.ts';
import { describeAll, moveWheels, pathInCopy, pipWheel, type WheelPlan, type Workshop } from './workshop.ts';

/**
 * Every wheel of the build in one folder: the dependencies by the lock, and the project's own, always built anew
 * from a clean copy. Throws build problems with the resolver's or the build backend's own reason.
 */
export async function buildWheelhouse(
  plan: WheelPlan & { readonly ready?: Wheelhouse | null },
  context: ToolContext,
  cache: Cache | null = null,
): Promise<Wheelhouse> {
  if (plan.ready !== undefined && plan.ready !== null) return plan.ready;
  const indexes = plan.lock.kind === 'uv' ? lockIndexes(readToml(plan.lock.path)) : [];
  refuseContradiction('uv.lock', indexes, context.env);

  const folder = join(context.work, 'wheelhouse');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const [pip, copy] = await Promise.all([privatePip(plan.interpreter, context), copySources(plan, context)]);
  const plain = toolEnvironment(context.env, { SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch) });
  const backends = backendIndexes(uvIndexesOf(plan.lock, context), context.env);
  const set = backends.length === 0 ? null : await pipIndexes(pipCommand(plan, pip, plain), context);
  const env = set === null ? plain : { ...plain, ...bridgedIndexes(backends, namedBy(set)) };
  const workshop: Workshop = { plan, context, pip, env, folder, copy, cache };

  const { own: project, known, reused } = await collect(workshop);
  const wheels = await describeAll(folder, known);
  const own = project === null ? null : (wheels.find((wheel) => wheel.path === project) ?? null);
  return {
    folder,
    dependencies: wheels.filter((wheel) => wheel !== own),
    project: own,
    sources: await sourcesOf(workshop),
    reused,
  };
}

interface Collected {
  /** The path of the project's own wheel. */
  readonly own: string | null;
  /** Some of the wheels. */
  readonly known: readonly Wheel[];
  readonly reused: readonly string[];
}

/** Fills the folder. */
async function collect(workshop: Workshop): Promise<Collected> {
  const { plan, context } = workshop;
  const { lock } = plan;
  if (lock.kind === 'unlocked' || lock.kind === 'requirements') {
    const file = lock.kind === 'requirements' ? ['-r', pathInCopy(workshop, lock.path)] : [];
    const own = projectArgument(workshop);
    const all = [...file, ...(own === null ? [] : [own]), ...(await requirementArguments(workshop))];
    if (all.length === 0) return { own: null, known: [], reused: [] };
    const part = join(context.work, 'unlocked');
    await rm(part, { recursive: true, force: true });
    await pipWheel(workshop, all, part, 'Building the wheels');
    // No hash says which of them were built here.
    const known = await moveWheels(part, workshop);
    return { own: own === null ? null : await ownWheel(workshop, known), known, reused: [] };
  }
  // Downloading and building wait for different things, so they go side by side. Yet two processes of a pip that has
  // never run would each compile all of it: the second comes when the first one is through.
  const ownFolder = join(context.work, 'own');
  const hasRun = existsSync(join(workshop.pip.path, '__pycache__'));
  let start = (): void => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
    if (hasRun) resolve();
  });
  const [own, { wheels, reused }] = await Promise.all([
    started.then(() => buildOwn(workshop, ownFolder)),
    fromLock(workshop, lock, start).then((locked) => {
      start();
      return locked;
    }),
  ]);
  if (plan.requirement.length === 0) return { own, known: wheels, reused };
  // pip may put another file of the same name in the place of one.
  await addRequirements(workshop);
  return { own, known: [], reused };
}

async function buildOwn(workshop: Workshop, ownFolder: string): Promise<string | null> {
  const own = projectArgument(workshop);
  if (own === null) return null;
  await rm(ownFolder, { recursive: true, force: true });
  if (!(await keptBuild(workshop, ownFolder))) {
    await pipWheel(workshop, ['--no-deps', own], ownFolder, 'Building the project');
  }
  return ownWheel(workshop, await moveWheels(ownFolder, workshop));
}

async function keptBuild(workshop: Workshop, into: string): Promise<boolean> {
  const { plan, context, pip, env, copy, cache } = workshop;
  // What is built from scratch is built by nothing that an earlier job has left.
  if (cache?.policy.read === false) return false;
  const request = { interpreter: plan.interpreter, pip, env, folder: copy?.project ?? '', into };
  return builtWithKept(request, context);
}

/** In a file: an address may carry a password, and everybody on the machine can read argument lists. */
async function requirementArguments({ plan, context }: Workshop): Promise<readonly string[]> {
  if (plan.requirement.length === 0) return [];
  const file = join(context.work, 'requirement.txt');
  await writeFile(file, `${plan.requirement.join('\n')}\n`, { mode: 0o600 });
  return ['-r', file];
}

/** What is asked for beside a lock is resolved, but never moves what the lock pins. */
async function addRequirements(workshop: Workshop): Promise<void> {
  const { context, folder } = workshop;
  const locked = await describeAll(folder);
  const pins = locked.map((wheel) => `${wheel.name}==${versionOf(wheel)}`);
  const constraints = join(context.work, 'constraints.txt');
  await writeFile(constraints, `${pins.join('\n')}\n`);
  const args = ['-c', constraints, '--find-links', folder, ...(await requirementArguments(workshop))];
  const part = join(context.work, 'requirements');
  await rm(part, { recursive: true, force: true });
  await pipWheel(workshop, args, part, 'Building the requirements');
  await moveWheels(part, workshop, new Set(locked.map(({ sha256 }) => sha256)));
}

function projectArgument(workshop: Workshop): string | null {
  const { plan, copy } = workshop;
  if (plan.source.kind !== 'project' || copy === null) return null;
  return plan.extras.length === 0 ? copy.project : `${copy.project}[${plan.extras.join(',')}]`;
}

async function ownWheel(workshop: Workshop, wheels: readonly Wheel[]): Promise<string> {
  const { plan } = workshop;
  const named = wheels.find((wheel) => plan.distribution !== null && wheel.name === plan.distribution);
  const found = named ?? (plan.distribution === null ? await builtHere(workshop, wheels) : undefined);
  if (found === undefined) throw problem('build', 'The project was built, but pip made no wheel of it.');
  return found.path;
}

/** A setup.py tells its name to nobody but its wheel: the one that `pip wheel --no-deps` makes. */
async function builtHere(workshop: Workshop, wheels: readonly Wheel[]): Promise<Wheel | undefined> {
  const [only, ...more] = wheels;
  if (more.length === 0) return only;
  const alone = join(workshop.context.work, 'alone');
  await rm(alone, { recursive: true, force: true });
  const own = projectArgument(workshop);
  if (own === null) return undefined;
  await pipWheel(workshop, ['--no-deps', own], alone, 'Building the project');
  const [built] = await describeAll(alone);
  return wheels.find((wheel) => wheel.name === built?.name);
}

function versionOf(wheel: Wheel): string {
  return wheel.path.split('/').at(-1)?.split('-')[1] ?? '';
}

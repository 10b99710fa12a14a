import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Cache } from '../cache/openStore.ts';
import { problem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import { machine } from '../toolchain/machine.ts';
import { type PrivatePip, privatePip } from '../toolchain/pip.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { type CleanCopy, cleanCopy } from './cleanCopy.ts';
import { findRepository } from './git.ts';
import {
  backendIndexes,
  bridgedIndexes,
  hasLogin,
  isPrivate,
  lockIndexes,
  refuseContradiction,
  uvIndexes,
} from './indexes.ts';
import { lockedWheels } from './lockedWheels.ts';
import type { BuildPlan, Lock, Sources, Wheel, Wheelhouse } from './model.ts';
import { type PipIndexes, pipIndexes } from './pipSettings.ts';
import { builtWithKept } from './projectWheel.ts';
import { type ExportedLock, fromPylock } from './pylock.ts';
import { readToml } from './pyproject.ts';
import { sourcesDigest } from './sourcesDigest.ts';
import { exportUvLock } from './uvLock.ts';
import { describeWheel } from './wheelFile.ts';

/** All of a plan but the entry point, which may only be told by the wheels. */
export type WheelPlan = Omit<BuildPlan, 'entry' | 'ready'>;

interface Workshop {
  readonly plan: WheelPlan;
  readonly context: ToolContext;
  readonly pip: PrivatePip;
  readonly env: Readonly<Record<string, string>>;
  /** Where all wheels come together. */
  readonly folder: string;
  readonly copy: CleanCopy | null;
  readonly cache: Cache | null;
}

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

  const { own: project, reused } = await collect(workshop);
  const wheels = await describeAll(folder);
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
  readonly reused: readonly string[];
}

/** Fills the folder. */
async function collect(workshop: Workshop): Promise<Collected> {
  const { plan, context, folder } = workshop;
  const { lock } = plan;
  if (lock.kind === 'unlocked' || lock.kind === 'requirements') {
    const file = lock.kind === 'requirements' ? ['-r', pathInCopy(workshop, lock.path)] : [];
    const own = projectArgument(workshop);
    const all = [...file, ...(own === null ? [] : [own]), ...(await requirementArguments(workshop))];
    if (all.length > 0) await pipWheel(workshop, all, folder, 'Building the wheels');
    return { own: own === null ? null : await ownWheel(workshop, folder), reused: [] };
  }
  // Downloading and building wait for different things, so they go side by side.
  const ownFolder = join(context.work, 'own');
  const [own, reused] = await Promise.all([buildOwn(workshop, ownFolder), fromLock(workshop, lock)]);
  if (plan.requirement.length > 0) await addRequirements(workshop);
  return { own, reused };
}

async function buildOwn(workshop: Workshop, ownFolder: string): Promise<string | null> {
  const own = projectArgument(workshop);
  if (own === null) return null;
  await rm(ownFolder, { recursive: true, force: true });
  if (!(await keptBuild(workshop, ownFolder))) {
    await pipWheel(workshop, ['--no-deps', own], ownFolder, 'Building the project');
  }
  const built = await ownWheel(workshop, ownFolder);
  const target = join(workshop.folder, basename(built));
  await rename(built, target);
  return target;
}

function keptBuild({ plan, context, pip, env, copy }: Workshop, into: string): Promise<boolean> {
  const request = { interpreter: plan.interpreter, pip, env, folder: copy?.project ?? '', into };
  return builtWithKept(request, context);
}

/** Answers with the names of the wheels that an earlier job has built. */
async function fromLock(
  workshop: Workshop,
  lock: Exclude<Lock, { kind: 'unlocked' }>,
): Promise<readonly string[]> {
  const { plan, context, folder, cache } = workshop;
  const exported = await exportLock(workshop, lock);
  const locked = lockedWheels({
    hashed: exported.hashed,
    bound: await boundTo(workshop),
    label: plan.distribution ?? 'folder',
    cache,
    context,
  });
  const { left, built } = await locked.take(folder);
  const wheels: Wheel[] = [];
  if (left.length > 0) {
    const part = join(context.work, 'locked');
    await rm(part, { recursive: true, force: true });
    const requirements = join(context.work, 'locked.txt');
    await writeFile(requirements, `${left.join('\n')}\n`);
    const args = ['--no-deps', '--require-hashes', '-r', requirements];
    await pipWheel(
      workshop,
      args,
      part,
      'Collecting the locked dependencies',
      await bridge(workshop, lock, exported),
    );
    for (const wheel of await describeAll(part)) {
      const path = join(folder, basename(wheel.path));
      await rename(wheel.path, path);
      wheels.push({ ...wheel, path });
    }
  }
  await locked.keep(wheels);
  for (const requirement of exported.local) {
    await pipWheel(workshop, ['--no-deps', requirement], folder, `Building ${requirement}`);
  }
  return built;
}

/** A wheel that was built here fits this Python and system, and what it was told to be built with; no path is among it. */
async function boundTo({ plan, context }: Workshop): Promise<readonly string[]> {
  const { implementation, version, soabi, platform } = plan.interpreter;
  return [
    ...[implementation, version, soabi, platform],
    ...Object.values(await machine()).map(String),
    ...BENDING.map((name) => context.env[name] ?? ''),
  ];
}

/** Variables that decide whether, and how, a wheel is built from an sdist. */
const BENDING = [
  ...['PIP_NO_BINARY', 'PIP_ONLY_BINARY', 'PIP_CONFIG_SETTINGS'],
  ...['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS', 'RUSTFLAGS', 'ARCHFLAGS'],
];

async function exportLock(
  workshop: Workshop,
  lock: Exclude<Lock, { kind: 'unlocked' }>,
): Promise<ExportedLock> {
  const { plan, context, copy } = workshop;
  if (lock.kind === 'uv') {
    const project = copy?.project ?? dirname(lock.path);
    const root = dirname(pathInCopy(workshop, lock.path));
    const { extras, interpreter } = plan;
    return await exportUvLock({ project, lock: lock.path, root, extras, interpreter }, context);
  }
  if (lock.kind === 'pylock') return fromPylock(readToml(lock.path), plan.extras, plan.distribution);
  return { hashed: [await readFile(lock.path, 'utf8')], local: [], indexes: [] };
}

/** Where the locked files are asked for: from the indexes of the lock, with the logins that pip or uv would use. */
async function bridge(
  workshop: Workshop,
  lock: Lock,
  exported: ExportedLock,
): Promise<Readonly<Record<string, string>>> {
  const { plan, context, pip } = workshop;
  const { indexes } = exported;
  // What pip is set to may be a mirror of the public index; another index is meant as it stands.
  if (lock.kind === 'pylock' && !indexes.some(isPrivate)) return {};
  // `env` may name the project's own index over what pip is set to.
  const asked = pipCommand(plan, pip, toolEnvironment(context.env));
  const own = indexes.some(isPrivate) ? await pipIndexes(asked, context) : { index: null, extra: [] };
  if (lock.kind === 'pylock' && own.index !== null) return {};
  const known = uvIndexesOf(lock, context).map(({ url }) => url);
  return bridgedIndexes(indexes, [...known.filter(hasLogin), ...namedBy(own)]);
}

const namedBy = ({ index, extra }: PipIndexes) => (index === null ? extra : [index, ...extra]);

function pipCommand({ interpreter }: WheelPlan, pip: PrivatePip, env: Readonly<Record<string, string>>) {
  return { tool: interpreter.path, args: ['-I', pip.path], env };
}

function uvIndexesOf(lock: Lock, { env }: ToolContext): ReturnType<typeof uvIndexes> {
  if (lock.kind !== 'uv') return [];
  const manifest = join(dirname(lock.path), 'pyproject.toml');
  return uvIndexes(existsSync(manifest) ? readToml(manifest) : {}, env);
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
  const pins = (await describeAll(folder)).map((wheel) => `${wheel.name}==${versionOf(wheel)}`);
  const constraints = join(context.work, 'constraints.txt');
  await writeFile(constraints, `${pins.join('\n')}\n`);
  const args = ['-c', constraints, '--find-links', folder, ...(await requirementArguments(workshop))];
  await pipWheel(workshop, args, folder, 'Building the requirements');
}

async function pipWheel(
  workshop: Workshop,
  args: readonly string[],
  into: string,
  what: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { plan, context, pip, env, copy } = workshop;
  await mustRun(
    {
      tool: plan.interpreter.path,
      args: ['-I', pip.path, 'wheel', '--wheel-dir', into, ...args],
      env: { ...env, ...extra },
      cwd: copy?.project ?? context.work,
    },
    context,
    what,
  );
}

function projectArgument(workshop: Workshop): string | null {
  const { plan, copy } = workshop;
  if (plan.source.kind !== 'project' || copy === null) return null;
  return plan.extras.length === 0 ? copy.project : `${copy.project}[${plan.extras.join(',')}]`;
}

async function ownWheel(workshop: Workshop, folder: string): Promise<string> {
  const { plan } = workshop;
  const wheels = await describeAll(folder);
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

async function copySources(plan: WheelPlan, context: ToolContext): Promise<CleanCopy | null> {
  if (plan.source.kind === 'requirement') return null;
  const { folder } = plan.source;
  const destination = join(context.work, 'source');
  await rm(destination, { recursive: true, force: true });
  await rm(`${destination}.git`, { recursive: true, force: true });
  const repository = plan.source.kind === 'project' ? await findRepository(folder, context) : null;
  const lockRoot = plan.lock.kind === 'uv' ? dirname(plan.lock.path) : folder;
  const root = relative(lockRoot, folder).startsWith('..') ? folder : lockRoot;
  return await cleanCopy({ project: folder, repository, root, output: plan.output, destination }, context);
}

/** Paths in a requirements file are relative to where pip runs, which is the clean copy. */
function pathInCopy(workshop: Workshop, path: string): string {
  const { copy } = workshop;
  if (copy === null) return path;
  const inside = relative(copy.original, path);
  const copied = join(copy.root, inside);
  return !inside.startsWith('..') && existsSync(copied) ? copied : path;
}

async function sourcesOf(workshop: Workshop): Promise<Sources | null> {
  const { plan, copy } = workshop;
  if (copy === null) return null;
  if (plan.source.kind === 'project') return { folder: copy.project, main: null, sha256: null };
  const sha256 = await sourcesDigest(copy.project);
  const main = join(workshop.context.work, 'main', '__main__.py');
  const original = join(copy.project, '__main__.py');
  if (!existsSync(original)) return { folder: copy.project, main: null, sha256 };
  await mkdir(dirname(main), { recursive: true });
  await rename(original, main);
  return { folder: copy.project, main, sha256 };
}

async function describeAll(folder: string): Promise<Wheel[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort();
  return await Promise.all(names.map((name) => describeWheel(join(folder, name))));
}

function versionOf(wheel: Wheel): string {
  return wheel.path.split('/').at(-1)?.split('-')[1] ?? '';
}

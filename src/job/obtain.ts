import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Boot } from '../build/builder.ts';
import { builderOf } from '../build/builders.ts';
import { entryName } from '../build/entryName.ts';
import { smokeEnvironment } from '../build/environment.ts';
import { isOneFile } from '../build/layoutsOf.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { planBuild } from '../build/plan.ts';
import { buildWheelhouse } from '../build/wheelhouse.ts';
import { type Cache, openStore } from '../cache/openStore.ts';
import { ignoreOwnFolder } from '../cache/ownFolder.ts';
import type { TeardownTimes } from '../report/baseline.ts';
import type { BuildRecord, BuiltLayout, CacheRecord, Interpreter } from '../report/model.ts';
import { plural } from '../report/text.ts';
import type { Settings } from '../settings/settings.ts';
import type { Job } from './job.ts';
import { lookUp } from './lookUp.ts';
import { artifactPath, executableName, layoutFolder, lockInWords } from './names.ts';
import { shownPath } from './paths.ts';
import type { ShippedTree } from './shipped.ts';
import { unlockedNotice } from './unlocked.ts';

/** A program that is ready to be watched. */
export interface Product {
  readonly layout: BuiltLayout;
  /** Absolute: what users get. */
  readonly executable: string;
  readonly tree: ShippedTree;
  /** In its place; while it is watched, it may lie in another one. */
  readonly boot: Boot;
  /** The same once more, from where it came; null where that is not there any more. */
  readonly again: (job: Job) => Promise<ShippedTree | null>;
  /** What it really runs on; null where only its own boot can tell. */
  readonly interpreter: Interpreter | null;
  readonly cache: CacheRecord;
  /** How long the teardown took in the last good run that the cache knows; null where it knows none. */
  readonly teardown: TeardownTimes | null;
}

export interface Obtained {
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly build: BuildRecord;
  readonly store: Cache;
  /** The first is what is shipped. */
  readonly products: readonly [Product, ...Product[]];
  /** Builds a layout that was not asked for, beside those that were. */
  readonly also: (layout: BuiltLayout, job: Job) => Promise<Obtained>;
}

export interface Purpose {
  /** An older entry of the cache is asked how long its teardown took. */
  readonly wantsTeardown: boolean;
}

/** From settings to something that runs: the plan, its wheels, then the cache or a build. */
export async function obtain(settings: Settings, job: Job, { wantsTeardown }: Purpose): Promise<Obtained> {
  const started = performance.now();
  const { log, context } = job;
  const store = await openStore({
    choice: settings.cache,
    env: context.env,
    workspace: settings.cwd,
    work: job.work,
    log,
  });
  const plan = await log.stage('Plan', () => planned(settings, store, job));
  // Where nothing can be written there, what goes there says so.
  await ignoreOwnFolder(settings.cwd).catch(() => {});
  const builder = builderOf(plan.builder.name);
  // On its way while the wheels are; where that fails, the build says so.
  const fetched = builder.fetch(plan.builder.version, plan.interpreter, context).catch(() => {});
  const wheelhouse = await log.stage('Wheels', async () => {
    const wheels = await buildWheelhouse(plan, context, store);
    const own = wheels.project === null ? '' : `${wheels.project.name} and `;
    log.info(`${own}${plural(wheels.dependencies.length, 'dependency', 'dependencies')}`);
    const notice = await unlockedNotice(plan, wheels, { cwd: settings.cwd, env: context.env });
    if (notice !== null) log.notice(notice);
    await builder.accept(plan, wheels);
    await fetched;
    return wheels;
  });
  job.toolsFor(plan.interpreter);
  const produce = (layout: BuiltLayout, own: Job): Promise<Product> =>
    product({ settings, plan, wheelhouse, layout, cache: store, wantsTeardown }, own);
  const together = (products: Obtained['products']): Obtained => {
    const [{ interpreter, tree }] = products;
    const { path, version, implementation } = interpreter ?? plan.interpreter;
    return {
      plan,
      wheelhouse,
      store,
      products,
      also: async (layout, own) => together([...products, await produce(layout, own)]),
      build: {
        builder: plan.builder.name,
        version: plan.builder.version,
        seconds: Math.round(performance.now() - started) / 1000,
        artifact: shownPath(tree.artifact.path, settings.cwd),
        sha256: tree.artifact.sha256,
        interpreter: { path, version, implementation },
        entry: entryName(plan.entry),
        lock: lockInWords(plan, wheelhouse, settings.cwd),
      },
    };
  };
  const [first, ...others] = settings.layouts;
  if (first === undefined) throw new Error('no layout was asked for');
  const products: [Product, ...Product[]] = [await produce(first, job)];
  for (const layout of others) products.push(await produce(layout, job));
  return together(products);
}

/** Another layout in the place of what was asked for first: what users get, its file, and what it runs on. */
export function shipInstead(obtained: Obtained, layout: BuiltLayout, cwd: string): Obtained {
  const { products, build } = obtained;
  const shipped = products.find((product) => product.layout === layout);
  if (shipped === undefined) return obtained;
  const { artifact } = shipped.tree;
  const record = { artifact: shownPath(artifact.path, cwd), sha256: artifact.sha256 };
  return {
    ...obtained,
    products: [shipped, ...products.filter((product) => product !== shipped)],
    build: { ...build, ...record, interpreter: shipped.interpreter ?? build.interpreter },
  };
}

/** The environment of a watched program. */
export function bootEnvironment(boot: Boot, plan: BuildPlan, env: NodeJS.ProcessEnv): Record<string, string> {
  return smokeEnvironment(env, plan.interpreter, builderOf(plan.builder.name).environment(boot));
}

interface Wanted {
  readonly settings: Settings;
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly layout: BuiltLayout;
  readonly cache: Cache;
  readonly wantsTeardown: boolean;
}

/** One layout from the cache or the builder, ready to be watched. */
async function product(wanted: Wanted, job: Job): Promise<Product> {
  const { settings, plan, layout } = wanted;
  const { log, context, work } = job;
  const alone = settings.layouts.length === 1;
  const { restored, tree } = await log.stage(alone ? 'Cache' : `Cache (${layout})`, () =>
    lookUp(wanted, job),
  );
  const shipped = tree ?? (await built(wanted, job));
  const { folder } = shipped;
  const boot = { program: join(folder, shipped.executable), folder, layout, work };
  const asking = { ...context, env: bootEnvironment(boot, plan, context.env) };
  return {
    layout,
    executable: boot.program,
    tree: shipped,
    boot,
    again: async (own) => (tree === null ? built(wanted, own) : (await lookUp(wanted, own)).tree),
    interpreter: await builderOf(plan.builder.name).interpreter(boot, plan, asking, 'cold'),
    cache: restored.record,
    teardown: restored.teardown,
  };
}

async function built({ settings, plan, wheelhouse, layout, cache }: Wanted, job: Job): Promise<ShippedTree> {
  const { log, context } = job;
  const builder = builderOf(plan.builder.name);
  const name = executableName(plan);
  const file = artifactPath(settings, builder.ending, layout, name);
  const folder = layoutFolder(settings);
  if (isOneFile(layout)) await mkdir(dirname(file), { recursive: true });
  const mayReuse = cache.policy.read;
  const request = { plan, wheelhouse, layout, name, file, folder, mayReuse, context };
  const { reason, ...tree } = await builder.build(request);
  if (reason !== null) log.notice(reason);
  const { artifact, executable } = tree;
  log.info(`${shownPath(artifact.path, settings.cwd)}, sha256 ${artifact.sha256}`);
  if (!isOneFile(layout)) log.info(shownPath(join(tree.folder, executable), settings.cwd));
  return { ...tree, layout, added: [], restored: null };
}

async function planned(settings: Settings, cache: Cache, job: Job): Promise<BuildPlan> {
  const { log, context } = job;
  const instead = settings.requirement.length > 0 && settings.sources.project === 'default';
  const plan = await planBuild({ ...settings, project: instead ? null : settings.project }, context, cache);
  const { interpreter, entry, lock, builder } = plan;
  log.info(`python: ${interpreter.version}, ${interpreter.path}, from ${interpreter.from}`);
  log.info(`entry point: ${entryName(entry)}, from ${entry.from}`);
  if (lock.kind !== 'unlocked') log.info(`dependencies: by ${shownPath(lock.path, settings.cwd)}`);
  log.info(`builder: ${builder.name} ${builder.version}`);
  return plan;
}

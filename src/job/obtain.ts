import { join } from 'node:path';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { buildPex, buildPexRoot } from '../build/pex.ts';
import { planBuild } from '../build/plan.ts';
import { buildWheelhouse } from '../build/wheelhouse.ts';
import type { Restored } from '../cache/layoutCache.ts';
import type { Cache } from '../cache/openStore.ts';
import { ignoreOwnFolder } from '../cache/ownFolder.ts';
import { type BaseInterpreter, baseInterpreter } from '../layout/interpreter.ts';
import { freshLayout, watchedCopy } from '../layout/layout.ts';
import type { FrozenLayout, Manifest } from '../layout/manifest.ts';
import type { TeardownTimes } from '../report/baseline.ts';
import type { BuildRecord, CacheRecord, Interpreter } from '../report/model.ts';
import { plural } from '../report/text.ts';
import type { Settings } from '../settings/settings.ts';
import type { Job } from './job.ts';
import type { BuiltLayout } from './layouts.ts';
import { lookUp } from './lookUp.ts';
import { artifactPath, executableName, lockInWords, UNLOCKED } from './names.ts';
import { shownPath } from './paths.ts';

/** A program that is ready to be watched. */
export interface Product {
  readonly layout: BuiltLayout;
  /** Absolute: what users get. */
  readonly executable: string;
  /** Absolute: what the smoke runs start; a copy, where the program writes beside itself. */
  readonly watched: string;
  /** What it really runs on; null where only its own boot can tell. */
  readonly interpreter: Interpreter | null;
}

export interface BuiltFile {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
}

/** The venv layout that is shipped, cached and archived. */
export interface ShippedLayout {
  readonly folder: string;
  /** The PEX that it was made from; with a zipapp beside it, not what is shipped. */
  readonly artifact: BuiltFile;
  /** Relative to the folder. */
  readonly executable: string;
  /** Null where it can't be moved. */
  readonly manifest: Manifest | null;
  /** The copy that is watched; null where nothing was copied. */
  readonly watchedFolder: string | null;
  /** What an earlier check sealed, where it came from the cache. */
  readonly restored: FrozenLayout | null;
}

export interface Obtained {
  readonly plan: BuildPlan;
  readonly build: BuildRecord;
  readonly cache: {
    readonly store: Cache;
    readonly record: CacheRecord;
    /** How long the teardown took in the last good run that the cache knows; null where it knows none. */
    readonly teardown: TeardownTimes | null;
  };
  readonly products: readonly Product[];
  readonly venv: ShippedLayout | null;
  /** The file that was built, or came with the layout. */
  readonly artifact: BuiltFile;
  /** Builds a layout that was not asked for, beside those that were. */
  readonly also: (layout: BuiltLayout) => Promise<Obtained>;
}

/** A product, and the files that it lives by. */
interface Made {
  readonly product: Product;
  readonly artifact: BuiltFile;
  readonly venv: ShippedLayout | null;
}

/** PEX's own cache for the watched programs: private, so that the first boot is as cold as a user's. */
export function watchedPexRoot(job: Job): string {
  return join(job.work, 'pex-root');
}

/**
 * From settings to something that runs: the plan, its wheels, then the cache or a build. With `wantsTeardown` an older
 * entry of the cache is asked how long its teardown took.
 */
export async function obtain(settings: Settings, job: Job, wantsTeardown = false): Promise<Obtained> {
  const started = performance.now();
  const { log, context } = job;
  const plan = await log.stage('Plan', () => planned(settings, job));
  await ignoreOwnFolder(settings.cwd);
  // The check may need them in a hurry, and they are on their way while the wheels are.
  job.tools(plan.interpreter).catch(() => {});
  const wheelhouse = await log.stage('Wheels', async () => {
    const wheels = await buildWheelhouse(plan, context);
    const own = wheels.project === null ? '' : `${wheels.project.name} and `;
    log.info(`${own}${plural(wheels.dependencies.length, 'dependency', 'dependencies')}`);
    if (lockInWords(plan, wheels, settings.cwd) === UNLOCKED) {
      log.notice('unlocked: no lock or requirements file, so the newest fitting dependencies are built in.');
    }
    return wheels;
  });
  const { store, restored, parts } = await log.stage('Cache', () =>
    lookUp(settings, plan, wheelhouse, wantsTeardown, job),
  );
  const name = executableName(plan);
  const make = (layout: BuiltLayout) => build(settings, plan, wheelhouse, layout, name, job);

  const produce = async (layout: BuiltLayout): Promise<Made> => {
    if (layout === 'zipapp') {
      const pex = await make('zipapp');
      const product = { layout, executable: pex.path, watched: pex.path, interpreter: null };
      return { product, artifact: pex, venv: null };
    }
    const kept = restored.layout;
    const fresh = async (): Promise<ShippedLayout> => {
      const pex = await make('venv');
      return log.stage('Lay out the venv', () => laidOut(settings, plan, pex, job));
    };
    const venv = kept === null ? await fresh() : fromCache(kept);
    const watchedFolder = await watchedCopy(venv, join(job.work, 'watched'));
    const asked = baseInterpreter(join(watchedFolder, 'bin', 'python'), context);
    const product = {
      layout,
      executable: join(venv.folder, venv.executable),
      watched: join(watchedFolder, venv.executable),
      // One that doesn't run is the smoke's to tell.
      interpreter: await asked.then(interpreterRecord, () => null),
    };
    const copied = { ...venv, watchedFolder: venv.manifest === null ? null : watchedFolder };
    return { product, artifact: venv.artifact, venv: copied };
  };
  const together = (all: readonly Made[]): Obtained => {
    const [first] = all;
    if (first === undefined) throw new Error('no layout was asked for');
    const { path, version, implementation } = first.product.interpreter ?? plan.interpreter;
    return {
      plan,
      cache: { store, record: { ...restored.record, parts }, teardown: restored.teardown },
      products: all.map(({ product }) => product),
      venv: all.find(({ venv }) => venv !== null)?.venv ?? null,
      artifact: first.artifact,
      also: async (layout) => together([...all, await produce(layout)]),
      build: {
        builder: plan.builder.name,
        version: plan.builder.version,
        seconds: Math.round(performance.now() - started) / 1000,
        artifact: shownPath(first.artifact.path, settings.cwd),
        sha256: first.artifact.sha256,
        interpreter: { path, version, implementation },
        entry: entryName(plan.entry),
        lock: lockInWords(plan, wheelhouse, settings.cwd),
      },
    };
  };
  const made: Made[] = [];
  for (const layout of settings.layouts) made.push(await produce(layout));
  return together(made);
}

/** The venv layout in the place of what was asked for first: what users get, its file, and what it runs on. */
export function shipVenv(obtained: Obtained, cwd: string): Obtained {
  const { venv, products, build } = obtained;
  const shipped = products.find(({ layout }) => layout === 'venv');
  if (venv === null || shipped === undefined) return obtained;
  const { artifact } = venv;
  const record = { artifact: shownPath(artifact.path, cwd), sha256: artifact.sha256 };
  return {
    ...obtained,
    products: [shipped, ...products.filter((product) => product !== shipped)],
    artifact,
    build: { ...build, ...record, interpreter: shipped.interpreter ?? build.interpreter },
  };
}

function fromCache({ thawed, artifact }: NonNullable<Restored['layout']>): ShippedLayout {
  const { info, manifest } = thawed.layout;
  const { executable } = info;
  return {
    folder: thawed.folder,
    artifact,
    executable,
    manifest,
    watchedFolder: null,
    restored: thawed.layout,
  };
}

async function planned(settings: Settings, job: Job): Promise<BuildPlan> {
  const { log, context } = job;
  const instead = settings.requirement.length > 0 && settings.sources.project === 'default';
  const plan = await planBuild({ ...settings, project: instead ? null : settings.project }, context);
  const { interpreter, entry, lock, builder } = plan;
  log.info(`python: ${interpreter.version}, ${interpreter.path}, from ${interpreter.from}`);
  log.info(`entry point: ${entryName(entry)}, from ${entry.from}`);
  if (lock.kind !== 'unlocked') log.info(`dependencies: by ${shownPath(lock.path, settings.cwd)}`);
  log.info(`builder: ${builder.name} ${builder.version}`);
  return plan;
}

export function interpreterRecord({ python, version, implementation }: BaseInterpreter): Interpreter {
  return { path: python, version, implementation };
}

function build(
  settings: Settings,
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  layout: BuiltLayout,
  name: string,
  { log, context }: Job,
): Promise<BuiltFile> {
  return log.stage(layout === 'venv' ? 'Build the PEX' : 'Build the zipapp PEX', async () => {
    const pex = await buildPex(plan, wheelhouse, layout, artifactPath(settings, layout, name), context);
    log.info(`${shownPath(pex.path, settings.cwd)}, sha256 ${pex.sha256}`);
    return pex;
  });
}

async function laidOut(
  settings: Settings,
  plan: BuildPlan,
  pex: BuiltFile,
  job: Job,
): Promise<ShippedLayout> {
  const fresh = await freshLayout({
    pex: pex.path,
    destination: join(settings.output, 'layout'),
    interpreter: plan.interpreter.path,
    pexRoot: buildPexRoot(job.context.env),
    context: job.context,
    script: plan.entry.kind === 'script' ? plan.entry.name : null,
  });
  if (fresh.reason !== null) job.log.notice(fresh.reason);
  job.log.info(shownPath(join(fresh.folder, fresh.executable), settings.cwd));
  return { ...fresh, artifact: pex, watchedFolder: null, restored: null };
}

import { rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ownVersion } from './assets.ts';
import type { Boot } from './build/builder.ts';
import { builderOf } from './build/builders.ts';
import { git } from './build/git.ts';
import { isOneFile } from './build/layoutsOf.ts';
import { saveLayout } from './cache/layoutCache.ts';
import { checkoutRoot } from './job/checkoutRoot.ts';
import { openEarlier } from './job/clearEarlier.ts';
import { conclude } from './job/conclude.ts';
import { checkExecutable } from './job/executable.ts';
import { type Job, openJob } from './job/job.ts';
import { hasPassed, layoutToShip, layoutWarning, otherLayout, weighed } from './job/layouts.ts';
import { openLending, type TakenBack } from './job/lending.ts';
import { bootEnvironment, type Obtained, obtain, type Product, shipInstead } from './job/obtain.ts';
import { shownPath } from './job/paths.ts';
import { type Checkout, type Subject, smoke } from './job/smoke.ts';
import { refuseWithoutArchive, smokeArchive } from './job/smokeArchive.ts';
import { refuseMissingFiles } from './job/smokeFiles.ts';
import { finishLayout } from './layout/layout.ts';
import type { FrozenLayout } from './layout/manifest.ts';
import { isProblem } from './problem.ts';
import { regressions, teardownTimes } from './report/baseline.ts';
import { doesCount } from './report/counting.ts';
import type { BuildRecord, CacheRecord, Report, RunRecord } from './report/model.ts';
import { worstRun } from './report/worst.ts';
import { type Settings, settingsInWords } from './settings/settings.ts';
import { maskCredentials } from './toolchain/exec.ts';
import type { Ui } from './ui.ts';

/** The main job: an executable, proven to exit, and kept. */
export async function check(settings: Settings, ui: Ui): Promise<Report> {
  refuseMissingFiles(settings);
  refuseWithoutArchive(settings, process.env['PATH'] ?? '');
  return inJob(settings, ui, async (job) => {
    if (settings.executable !== null) return checkExecutable(settings, settings.executable, job);
    const { teardownRegression } = settings;
    const purpose = { watched: true, wantsTeardown: teardownRegression !== 'off' };
    const asked = await job.interruptible(() => obtain(settings, job, purpose));
    const checkout = await checkoutOf(asked, job);
    const commit = await commitOf(checkout, job);
    const { obtained, failure, ...tried } = await tryLayouts(settings, asked, checkout, job);
    const seen = weighed(settings, shippedOf(obtained), tried);
    const build = await asItRan(obtained, job);
    const slower = teardownRegression === 'off' ? [] : slowerThanBefore(obtained, seen);
    const warnings = [...layoutWarnings(settings, obtained, seen), ...slower];
    for (const warning of warnings) job.log.warning(warning);
    const found = { ...whatIsBuilt({ ...obtained, build }, settings), commit, ...seen, warnings };
    if (job.cancel.aborted) return conclude(job, found, 'cancelled');
    // What didn't pass stays in `output`, to be looked at.
    if (worstRun(seen.runs.filter(doesCount))?.verdict !== 'passed') return conclude(job, found);
    // What lies in `output` is not what was watched.
    if (failure !== null) return conclude(job, { ...found, failure }, 'not-built');
    if (teardownRegression === 'fail' && slower.length > 0) return conclude(job, found, 'failed');
    try {
      const { layouts, archive } = await job.interruptible(() =>
        pack(settings, obtained, { commit, seen }, job),
      );
      const proven = archive === null ? [] : await prove(settings, obtained, archive.path, checkout, job);
      const runs = [...seen.runs, ...proven];
      if (job.cancel.aborted) return conclude(job, { ...found, runs }, 'cancelled');
      // What is shipped would be the archive: nothing is kept as passed.
      if (worstRun(proven.filter(doesCount))?.verdict !== 'passed' && proven.length > 0) {
        return conclude(job, { ...found, runs });
      }
      const cache = await job.interruptible(() => keep(obtained, layouts, seen, job));
      return conclude(job, { ...found, runs, archive, cache }, 'passed');
    } catch (error) {
      if (!job.cancel.aborted) throw error;
      return conclude(job, found, 'cancelled');
    }
  });
}

/** The same without the proof: what is built is there, and says of itself that nobody has watched it. */
export function build(settings: Settings, ui: Ui): Promise<Report> {
  return inJob(settings, ui, async (job) => {
    const purpose = { watched: false, wantsTeardown: false };
    const obtained = await job.interruptible(() => obtain(settings, job, purpose));
    const commit = await commitOf(await checkoutOf(obtained, job), job);
    return conclude(job, { ...whatIsBuilt(obtained, settings), commit }, 'passed');
  });
}

async function inJob(settings: Settings, ui: Ui, work: (job: Job) => Promise<Report>): Promise<Report> {
  const { python, project, shard } = settings;
  const clearEarlier = openEarlier(settings);
  const job = await openJob(ui, { env: process.env, python, project, shard });
  try {
    const report = await reportOf(settings, job, work);
    await clearEarlier(report, job.log);
    return report;
  } catch (error) {
    // Nothing has run, so what there was is still right.
    if (!isProblem(error) || error.kind !== 'settings') await clearEarlier(null, job.log);
    throw error;
  } finally {
    await job.close();
  }
}

async function reportOf(settings: Settings, job: Job, work: (job: Job) => Promise<Report>): Promise<Report> {
  try {
    await tellSettings(settings, job);
    return await work(job);
  } catch (error) {
    if (job.cancel.aborted) return conclude(job, {}, 'cancelled');
    if (!isProblem(error) || error.kind !== 'build') throw error;
    return conclude(job, { failure: { message: error.message, hint: error.hint ?? null } }, 'not-built');
  }
}

async function tellSettings(settings: Settings, { log }: Job): Promise<void> {
  const set = settingsInWords(settings);
  if (set.length === 0) return;
  await log.stage('Settings', async () => {
    for (const line of set) log.info(maskCredentials(line));
  });
}

/** The smoke in each layout that was asked for, and in the other one where that tells more; then what is shipped. */
async function tryLayouts(
  settings: Settings,
  asked: Obtained,
  checkout: Checkout | null,
  job: Job,
): Promise<Pick<Report, 'runs' | 'soak'> & TakenBack> {
  let obtained = asked;
  const lending = openLending(job);
  const lent = async (product: Product): Promise<Subject> =>
    subjectOf(product, await lending.lend(product), obtained, job);
  try {
    const subjects: Subject[] = [];
    for (const product of asked.products) subjects.push(await lent(product));
    const packagerFiles = subjects.flatMap((subject) => subject.packagerFiles);
    const { seen, atLarge } = await smoke(settings, subjects, checkout, job, async (runs) => {
      const layout = otherLayout(settings, runs, packagerFiles);
      if (layout === null) return null;
      job.log.info(`a stall that the ${layout} layout may not have: it is tried, too`);
      try {
        obtained = await job.interruptible(() => asked.also(layout));
        const [product] = obtained.products.slice(-1);
        return product === undefined ? null : await lent(product);
      } catch (error) {
        const why = `the ${layout} layout could not be tried: ${reasonOf(error)}`;
        if (!job.cancel.aborted) job.log.warning(why);
        return null;
      }
    });
    const back = await lending.takeBack(obtained, atLarge);
    const ships = layoutToShip(settings, seen);
    return { ...seen, ...back, obtained: shipInstead(back.obtained, ships, settings.cwd) };
  } catch (error) {
    await lending.takeBack(obtained, []).catch(() => {});
    throw error;
  }
}

function layoutWarnings(
  settings: Settings,
  obtained: Obtained,
  seen: Pick<Report, 'runs' | 'soak'>,
): readonly string[] {
  const warning = layoutWarning(settings, shippedOf(obtained), seen);
  return warning === null ? [] : [warning];
}

function slowerThanBefore({ products }: Obtained, seen: Pick<Report, 'runs' | 'soak'>): readonly string[] {
  return products.flatMap(({ layout, teardown }) => {
    const slower = teardown === null ? [] : regressions(teardown, teardownTimes(seen, layout));
    return products.length === 1 ? slower : slower.map((warning) => `${layout}: ${warning}`);
  });
}

const shippedOf = ({ products }: Obtained) => products[0].layout;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function subjectOf(
  { layout, interpreter }: Product,
  boot: Boot,
  { plan, build }: Obtained,
  job: Job,
): Subject {
  return {
    layout,
    program: boot.program,
    env: bootEnvironment(boot, plan, job.env),
    packagerFiles: builderOf(plan.builder.name).packagerFiles(boot, plan),
    interpreter: interpreter ?? build.interpreter,
  };
}

/** The repository that the project lies in, or its folder; null where a requirement was built alone. */
async function checkoutOf({ plan }: Obtained, job: Job): Promise<Checkout | null> {
  if (plan.source.kind === 'requirement') return null;
  const { folder } = plan.source;
  return { folder: await checkoutRoot(folder, job.context), distribution: plan.distribution };
}

async function commitOf(checkout: Checkout | null, job: Job): Promise<string | null> {
  return checkout === null ? null : git(['rev-parse', 'HEAD'], checkout.folder, job.context);
}

/** What only a warm boot can tell is asked once its runs are over. */
async function asItRan({ build, plan, products }: Obtained, job: Job): Promise<BuildRecord> {
  const [{ boot, interpreter: known }] = products;
  if (known !== null || job.cancel.aborted) return build;
  const asking = { ...job.context, env: bootEnvironment(boot, plan, job.env) };
  const ask = () => builderOf(plan.builder.name).interpreter(boot, plan, asking, 'warm');
  const interpreter = await job.interruptible(ask).catch(() => null);
  return interpreter === null ? build : { ...build, interpreter };
}

function whatIsBuilt({ build, products }: Obtained, { cwd }: Settings) {
  const [{ executable, layout, cache }] = products;
  return { build, cache, executable: shownPath(executable, cwd), layout };
}

interface Proof {
  readonly commit: string | null;
  readonly seen: Pick<Report, 'runs' | 'soak'>;
}

interface Packed {
  /** Of each product what may be kept as checked. */
  readonly layouts: readonly (FrozenLayout | null)[];
  readonly archive: Report['archive'];
}

async function pack(
  { archive: format, output, cwd }: Settings,
  obtained: Obtained,
  { commit, seen }: Proof,
  job: Job,
): Promise<Packed> {
  const layouts: (FrozenLayout | null)[] = [];
  for (const product of obtained.products) {
    // Beside one that passed it may be another that doesn't: nobody is to restore it as checked.
    layouts.push(hasPassed(seen, product.layout) ? await sealed(product, obtained, commit, job) : null);
  }
  if (format === 'none') return { layouts, archive: null };
  const { packLayout } = await import('./job/pack.ts');
  const [layout = null] = layouts;
  return { layouts, archive: await packLayout({ format, obtained, layout, output, cwd, job }) };
}

/** The runs out of the archive, where they are asked for. One that did not pass is none that may be shipped. */
async function prove(
  settings: Settings,
  obtained: Obtained,
  archive: string,
  checkout: Checkout | null,
  job: Job,
): Promise<readonly RunRecord[]> {
  if (settings.smokeOn !== 'archive') return [];
  const path = resolve(settings.cwd, archive);
  let isProven = false;
  try {
    const runs = await smokeArchive(settings, obtained, path, checkout, job);
    isProven = !job.cancel.aborted && runs.length > 0 && runs.every(({ verdict }) => verdict === 'passed');
    if (!isProven && !job.cancel.aborted) {
      job.log.warning(`what came out of the archive did not pass, so that is removed: ${archive}`);
    }
    return runs;
  } finally {
    // Given up, it is as unproven as one that failed.
    if (!isProven) for (const file of [path, `${path}.sha256`]) await rm(file, { force: true });
  }
}

async function sealed(
  { layout, tree }: Product,
  { plan, build }: Obtained,
  commit: string | null,
  { context }: Job,
): Promise<FrozenLayout | null> {
  const { manifest, restored, artifact } = tree;
  if (manifest === null || restored !== null) return restored;
  const { implementation, version, soabi } = plan.interpreter;
  const info = {
    exitproof: ownVersion(),
    commit,
    verdict: 'passed',
    entry: build.entry,
    layout,
    executable: tree.executable,
    interpreter: { implementation, version, soabi },
    artifact: layout === 'venv' ? { name: basename(artifact.path), sha256: artifact.sha256 } : null,
  } as const;
  if (isOneFile(layout)) return { info, manifest };
  return finishLayout(tree.folder, { info, manifest }, tree.added, context);
}

async function keep(
  { products, store }: Obtained,
  layouts: readonly (FrozenLayout | null)[],
  seen: Pick<Report, 'runs' | 'soak'>,
  job: Job,
): Promise<CacheRecord> {
  const records: CacheRecord[] = [];
  for (const [index, { tree, cache, layout: name }] of products.entries()) {
    const layout = layouts[index] ?? null;
    if (layout === null || tree.restored !== null) {
      records.push(cache);
      continue;
    }
    const saved = await job.log.stage('Keep the layout', () =>
      saveLayout({
        cache: store,
        record: cache,
        folder: tree.folder,
        layout,
        artifact: layout.info.artifact === null ? null : tree.artifact.path,
        check: { checked: new Date().toISOString(), teardown: teardownTimes(seen, name) },
        log: job.log,
      }),
    );
    records.push(saved);
  }
  return records[0] ?? products[0].cache;
}

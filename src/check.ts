import { basename, join } from 'node:path';
import { ownVersion } from './assets.ts';
import { smokeEnvironment } from './build/environment.ts';
import { findRepository, git } from './build/git.ts';
import { saveLayout } from './cache/layoutCache.ts';
import { conclude } from './job/conclude.ts';
import { checkExecutable } from './job/executable.ts';
import { type Job, openJob } from './job/job.ts';
import { layoutToShip, layoutWarning, otherLayout, weighed } from './job/layouts.ts';
import {
  interpreterRecord,
  type Obtained,
  obtain,
  type Product,
  shipVenv,
  watchedPexRoot,
} from './job/obtain.ts';
import { shownPath } from './job/paths.ts';
import { type Checkout, type Subject, smoke } from './job/smoke.ts';
import { refuseMissingFiles } from './job/smokeFiles.ts';
import { pexInterpreter } from './layout/interpreter.ts';
import { finishLayout } from './layout/layout.ts';
import type { FrozenLayout } from './layout/manifest.ts';
import { isProblem } from './problem.ts';
import { regressions, type TeardownTimes, teardownTimes } from './report/baseline.ts';
import { doesCount } from './report/counting.ts';
import type { BuildRecord, CacheRecord, Layout, Report, RunRecord } from './report/model.ts';
import { worstRun } from './report/worst.ts';
import { type Settings, settingsInWords } from './settings/settings.ts';
import type { Ui } from './ui.ts';

/** The main job: an executable, proven to exit, and kept. */
export async function check(settings: Settings, ui: Ui): Promise<Report> {
  refuseMissingFiles(settings);
  return inJob(settings, ui, async (job) => {
    if (settings.executable !== null) return checkExecutable(settings, settings.executable, job);
    const { teardownRegression } = settings;
    const asked = await job.interruptible(() => obtain(settings, job, teardownRegression !== 'off'));
    const checkout = await checkoutOf(asked, job);
    const commit = await commitOf(checkout, job);
    const { obtained, ...tried } = await tryLayouts(settings, asked, checkout, job);
    const seen = weighed(settings, shippedOf(obtained), tried);
    const build = await asItRan(obtained, job);
    const slower = teardownRegression === 'off' ? [] : slowerThanBefore(obtained, seen);
    const warnings = [...layoutWarnings(settings, obtained, seen), ...slower];
    for (const warning of warnings) job.log.warning(warning);
    const found = { ...whatIsBuilt({ ...obtained, build }, settings), commit, ...seen, warnings };
    if (job.cancel.aborted) return conclude(job, found, 'cancelled');
    // What didn't pass stays in `output`, to be looked at.
    if (worstRun(seen.runs.filter(doesCount))?.verdict !== 'passed') return conclude(job, found);
    if (teardownRegression === 'fail' && slower.length > 0) return conclude(job, found, 'failed');
    const times = teardownTimes(seen, 'venv');
    const kept = await job
      .interruptible(() =>
        keepAndPack(settings, obtained, { commit, times, venvPassed: allPassed(seen.runs, 'venv') }, job),
      )
      .catch((error: unknown) => {
        if (!job.cancel.aborted) throw error;
        return {};
      });
    return conclude(job, { ...found, ...kept }, job.cancel.aborted ? 'cancelled' : 'passed');
  });
}

/** The same without the proof: what is built is there, and says of itself that nobody has watched it. */
export function build(settings: Settings, ui: Ui): Promise<Report> {
  return inJob(settings, ui, async (job) => {
    const obtained = await job.interruptible(() => obtain(settings, job));
    const commit = await commitOf(await checkoutOf(obtained, job), job);
    return conclude(job, { ...whatIsBuilt(obtained, settings), commit }, 'passed');
  });
}

async function inJob(settings: Settings, ui: Ui, work: (job: Job) => Promise<Report>): Promise<Report> {
  const { python, project, shard } = settings;
  const job = await openJob(ui, { env: process.env, python, project, shard });
  try {
    await tellSettings(settings, job);
    return await work(job);
  } catch (error) {
    if (job.cancel.aborted) return conclude(job, {}, 'cancelled');
    if (!isProblem(error) || error.kind !== 'build') throw error;
    return conclude(job, { failure: { message: error.message, hint: error.hint ?? null } }, 'not-built');
  } finally {
    await job.close();
  }
}

async function tellSettings(settings: Settings, { log }: Job): Promise<void> {
  const set = settingsInWords(settings);
  if (set.length === 0) return;
  await log.stage('Settings', async () => {
    for (const line of set) log.info(line);
  });
}

/** The smoke in each layout that was asked for, and in the other one where that tells more; then what is shipped. */
async function tryLayouts(
  settings: Settings,
  asked: Obtained,
  checkout: Checkout | null,
  job: Job,
): Promise<Pick<Report, 'runs' | 'soak'> & { readonly obtained: Obtained }> {
  let obtained = asked;
  const subjects = asked.products.map((product) => subjectOf(product, asked, job));
  const packagerFiles = subjects.flatMap((subject) => subject.packagerFiles);
  const seen = await smoke(settings, subjects, checkout, job, async (runs) => {
    const layout = otherLayout(settings, runs, packagerFiles);
    if (layout === null) return null;
    job.log.info(`a stall that the ${layout} layout may not have: it is tried, too`);
    try {
      obtained = await job.interruptible(() => asked.also(layout));
    } catch (error) {
      if (!job.cancel.aborted) job.log.warning(`the ${layout} layout could not be tried: ${reasonOf(error)}`);
      return null;
    }
    const [product] = obtained.products.slice(-1);
    return product === undefined ? null : subjectOf(product, obtained, job);
  });
  const ships = layoutToShip(settings, seen) === 'venv' && shippedOf(obtained) !== 'venv';
  return { ...seen, obtained: ships ? shipVenv(obtained, settings.cwd) : obtained };
}

function layoutWarnings(
  settings: Settings,
  obtained: Obtained,
  seen: Pick<Report, 'runs' | 'soak'>,
): readonly string[] {
  const warning = layoutWarning(settings, shippedOf(obtained), seen);
  return warning === null ? [] : [warning];
}

/** Only of the venv layout is an earlier run known. */
function slowerThanBefore({ cache }: Obtained, seen: Pick<Report, 'runs' | 'soak'>): readonly string[] {
  return cache.teardown === null ? [] : regressions(cache.teardown, teardownTimes(seen, 'venv'));
}

const shippedOf = ({ products }: Obtained) => products[0]?.layout ?? 'venv';

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function subjectOf({ layout, watched, interpreter }: Product, { plan, build }: Obtained, job: Job): Subject {
  const pexRoot = watchedPexRoot(job);
  return {
    layout,
    program: watched,
    env: smokeEnvironment(job.env, plan.interpreter, pexRoot),
    packagerFiles: [`${watched}/.bootstrap/`, `${watched}/__main__.py`, join(pexRoot, 'bootstraps')],
    interpreter: interpreter ?? build.interpreter,
  };
}

/** The repository that the project lies in, or its folder; null where a requirement was built alone. */
async function checkoutOf({ plan }: Obtained, job: Job): Promise<Checkout | null> {
  if (plan.source.kind === 'requirement') return null;
  const { folder } = plan.source;
  const repository = await findRepository(folder, job.context);
  return { folder: repository?.root ?? folder, distribution: plan.distribution };
}

async function commitOf(checkout: Checkout | null, job: Job): Promise<string | null> {
  return checkout === null ? null : git(['rev-parse', 'HEAD'], checkout.folder, job.context);
}

/** A zipapp's own boot picks an interpreter on PATH: it is asked once its runs are over, when it is warm. */
async function asItRan(obtained: Obtained, job: Job): Promise<BuildRecord> {
  const { build, products } = obtained;
  const [shipped] = products;
  if (shipped?.layout !== 'zipapp' || job.cancel.aborted) return build;
  const { env, program } = subjectOf(shipped, obtained, job);
  const asked = job.interruptible(() => pexInterpreter(program, { ...job.context, env }));
  const found = await asked.catch(() => null);
  return found === null ? build : { ...build, interpreter: interpreterRecord(found) };
}

function whatIsBuilt({ build, cache, products, artifact }: Obtained, { cwd }: Settings) {
  const [shipped] = products;
  const executable = shownPath(shipped?.executable ?? artifact.path, cwd);
  return { build, cache: cache.record, executable, layout: shipped?.layout ?? null };
}

interface Proof {
  readonly commit: string | null;
  readonly times: TeardownTimes;
  readonly venvPassed: boolean;
}

function allPassed(runs: readonly RunRecord[], layout: Layout): boolean {
  return runs.every((run) => run.layout !== layout || run.verdict === 'passed');
}

async function keepAndPack(
  settings: Settings,
  obtained: Obtained,
  { commit, times, venvPassed }: Proof,
  job: Job,
): Promise<Pick<Report, 'cache' | 'archive'>> {
  // Beside a zipapp that passed it may be the venv that doesn't: nobody is to restore it as checked.
  const layout = venvPassed ? await sealed(obtained, commit, job) : null;
  const cache = await keep(obtained, layout, times, job);
  return { cache, archive: await pack(settings, obtained, layout, job) };
}

async function sealed(
  { venv, plan, build }: Obtained,
  commit: string | null,
  { context }: Job,
): Promise<FrozenLayout | null> {
  if (venv === null || venv.manifest === null) return null;
  if (venv.restored !== null) return venv.restored;
  const { implementation, version } = plan.interpreter;
  const info = {
    exitproof: ownVersion(),
    commit,
    verdict: 'passed',
    entry: build.entry,
    executable: venv.executable,
    interpreter: { implementation, version },
    artifact: { name: basename(venv.artifact.path), sha256: venv.artifact.sha256 },
  } as const;
  return finishLayout(venv.folder, { info, manifest: venv.manifest }, venv.watchedFolder, context);
}

function keep(
  obtained: Obtained,
  layout: FrozenLayout | null,
  times: TeardownTimes,
  job: Job,
): Promise<CacheRecord> {
  const { venv, cache } = obtained;
  if (venv === null || layout === null || venv.restored !== null) return Promise.resolve(cache.record);
  return job.log.stage('Keep the layout', () =>
    saveLayout({
      cache: cache.store,
      record: cache.record,
      folder: venv.folder,
      layout,
      artifact: venv.artifact.path,
      check: { checked: new Date().toISOString(), teardown: times },
      log: job.log,
    }),
  );
}

async function pack(
  settings: Settings,
  obtained: Obtained,
  layout: FrozenLayout | null,
  job: Job,
): Promise<Report['archive']> {
  const { archive: format } = settings;
  if (format === 'none') return null;
  const { packLayout } = await import('./job/pack.ts');
  return packLayout({ format, obtained, layout, output: settings.output, cwd: settings.cwd, job });
}

import { builderOf } from './build/builders.ts';
import { git } from './build/git.ts';
import { checkoutRoot } from './job/checkoutRoot.ts';
import { openEarlier } from './job/clearEarlier.ts';
import { conclude, type Findings } from './job/conclude.ts';
import { checkExecutable } from './job/executable.ts';
import { type Job, openJob } from './job/job.ts';
import { keep, pack, prove, withdraw } from './job/keep.ts';
import { layoutWarning, weighed } from './job/layouts.ts';
import { bootEnvironment, type Obtained, obtain } from './job/obtain.ts';
import { shownPath } from './job/paths.ts';
import type { Checkout } from './job/smoke.ts';
import { refuseWithoutArchive } from './job/smokeArchive.ts';
import { refuseMissingFiles } from './job/smokeFiles.ts';
import { tryLayouts } from './job/tryLayouts.ts';
import { isProblem } from './problem.ts';
import { regressions, teardownTimes } from './report/baseline.ts';
import { doesCount } from './report/counting.ts';
import type { BuildRecord, Report } from './report/model.ts';
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
    const purpose = { wantsTeardown: teardownRegression !== 'off' };
    const asked = await job.interruptible((own) => obtain(settings, own, purpose));
    if (settings.sources.smoke === 'default') job.log.notice(HELP_ALONE);
    const checkout = await checkoutOf(asked, job);
    const commit = await commitOf(checkout, job);
    const { obtained, failure, ...tried } = await tryLayouts(settings, asked, checkout, job);
    const seen = weighed(settings, shippedOf(obtained), tried);
    const build = await asItRan(obtained, job);
    const slower = teardownRegression === 'off' ? [] : slowerThanBefore(obtained, seen);
    const stays = await withdraw(obtained, seen, job);
    const warnings = [...layoutWarnings(settings, obtained, seen), ...slower, ...stays];
    for (const warning of warnings) job.log.warning(warning);
    const found = { ...whatIsBuilt({ ...obtained, build }, settings), commit, ...seen, warnings };
    if (job.cancel.aborted) return conclude(job, found, 'cancelled');
    // What didn't pass stays in `output`, to be looked at.
    if (worstRun(seen.runs.filter(doesCount))?.verdict !== 'passed') return conclude(job, found);
    // What lies in `output` is not what was watched.
    if (failure !== null) return conclude(job, { ...found, failure }, 'not-built');
    if (teardownRegression === 'fail' && slower.length > 0) return conclude(job, found, 'failed');
    let { runs } = seen;
    try {
      const { layouts, archive } = await job.interruptible((own) =>
        pack(settings, obtained, { commit, seen }, own),
      );
      const proven = archive === null ? [] : await prove(settings, obtained, archive.path, checkout, job);
      runs = [...seen.runs, ...proven];
      if (job.cancel.aborted) return conclude(job, { ...found, runs }, 'cancelled');
      // What is shipped would be the archive: nothing is kept as passed.
      if (worstRun(proven.filter(doesCount))?.verdict !== 'passed' && proven.length > 0) {
        const stays = await withdraw(obtained, { runs: proven }, job);
        for (const warning of stays) job.log.warning(warning);
        return conclude(job, { ...found, runs, warnings: [...warnings, ...stays] });
      }
      const cache = await job.cancellable((own) => keep(obtained, layouts, seen, own));
      return conclude(job, { ...found, runs, archive, cache }, 'passed');
    } catch (error) {
      return concludeBroken(job, { ...found, runs }, error);
    }
  });
}

/** The same without the proof: what is built is there, and says of itself that nobody has watched it. */
export function build(settings: Settings, ui: Ui): Promise<Report> {
  return inJob(settings, ui, async (job) => {
    const purpose = { wantsTeardown: false };
    const obtained = await job.interruptible((own) => obtain(settings, own, purpose));
    const commit = await commitOf(await checkoutOf(obtained, job), job);
    return conclude(job, { ...whatIsBuilt(obtained, settings), commit }, 'passed');
  });
}

async function inJob(settings: Settings, ui: Ui, work: (job: Job) => Promise<Report>): Promise<Report> {
  const { python, project, shard, buildTimeout } = settings;
  const clearEarlier = openEarlier(settings);
  const job = await openJob(ui, { env: process.env, python, project, shard, buildTimeout });
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
    return concludeBroken(job, {}, error);
  }
}

/** With what was found until then. Throws what is no failed build. */
function concludeBroken(job: Job, found: Findings, error: unknown): Report {
  if (job.cancel.aborted) return conclude(job, found, 'cancelled');
  if (!isProblem(error) || error.kind !== 'build') throw error;
  const failure = { message: error.message, hint: error.hint ?? null };
  return conclude(job, { ...found, failure }, 'not-built');
}

async function tellSettings(settings: Settings, { log }: Job): Promise<void> {
  const set = settingsInWords(settings);
  if (set.length === 0) return;
  await log.stage('Settings', async () => {
    for (const line of set) log.info(maskCredentials(line));
  });
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

const HELP_ALONE =
  'no `smoke` is set, so the program is only asked for its --help, which exercises little of its teardown.';

const shippedOf = ({ products }: Obtained) => products[0].layout;

/** The repository that the project lies in, or its folder; null where a requirement was built alone. */
async function checkoutOf({ plan }: Obtained, job: Job): Promise<Checkout | null> {
  if (plan.source.kind === 'requirement') return null;
  const { folder } = plan.source;
  const root = plan.repository?.root ?? (await checkoutRoot(folder, job.context));
  return { folder: root, distribution: plan.distribution };
}

/** With `-dirty`, as `git describe` has it, where tracked files are not those of the commit. */
async function commitOf(checkout: Checkout | null, { context }: Job): Promise<string | null> {
  if (checkout === null) return null;
  const [head, changed] = await Promise.all([
    git(['rev-parse', 'HEAD'], checkout.folder, context),
    git(['status', '--porcelain', '--untracked-files=no'], checkout.folder, context),
  ]);
  return head === null || changed === null || changed === '' ? head : `${head}-dirty`;
}

/** What only a warm boot can tell is asked once its runs are over. */
async function asItRan({ build, plan, products }: Obtained, job: Job): Promise<BuildRecord> {
  const [{ boot, interpreter: known }] = products;
  if (known !== null || job.cancel.aborted) return build;
  const env = bootEnvironment(boot, plan, job.env);
  const ask = ({ context }: Job) =>
    builderOf(plan.builder.name).interpreter(boot, plan, { ...context, env }, 'warm');
  const interpreter = await job.interruptible(ask).catch(() => null);
  return interpreter === null ? build : { ...build, interpreter };
}

function whatIsBuilt({ build, products }: Obtained, { cwd }: Settings) {
  const [{ executable, layout, cache }] = products;
  return { build, cache, executable: shownPath(executable, cwd), layout };
}

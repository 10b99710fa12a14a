import { accessSync, constants } from 'node:fs';
import { ignoreOwnFolder } from '../cache/ownFolder.ts';
import { problem } from '../problem.ts';
import type { Report } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import { statsOf } from '../stats.ts';
import { checkoutRoot } from './checkoutRoot.ts';
import { conclude } from './conclude.ts';
import type { Job } from './job.ts';
import { shownPath } from './paths.ts';
import { smoke } from './smoke.ts';

/** Watches a program that was built elsewhere, as it stands; nothing is built or cached. */
export async function checkExecutable(settings: Settings, program: string, job: Job): Promise<Report> {
  refuseUnlessRunnable(program, settings.shown.executable);
  const env = Object.fromEntries(
    Object.entries(job.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const subject = { layout: 'executable', program, env, packagerFiles: [], interpreter: null } as const;
  const checkout = { folder: await checkoutRoot(settings.project, job.context), distribution: null };
  await ignoreOwnFolder(settings.cwd).catch(() => {});
  const { seen } = await smoke(settings, [subject], checkout, job);
  const executable = shownPath(program, settings.cwd);
  return conclude(
    job,
    { ...seen, executable, layout: 'executable' },
    job.cancel.aborted ? 'cancelled' : undefined,
  );
}

function refuseUnlessRunnable(program: string, shown: string): void {
  const takes = 'takes a file that can be executed';
  const stats = statsOf(program);
  if (stats === null) throw problem('settings', `executable: got “${shown}”, which is not there, ${takes}`);
  if (!stats.isFile()) throw problem('settings', `executable: got “${shown}”, which is no file, ${takes}`);
  try {
    accessSync(program, constants.X_OK);
  } catch {
    throw problem('settings', `executable: got “${shown}”, which has no execute permission, ${takes}`);
  }
}

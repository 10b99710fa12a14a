import { projectFiles } from './diagnose/project.ts';
import { checkoutRoot } from './job/checkoutRoot.ts';
import { conclude } from './job/conclude.ts';
import { openJob } from './job/job.ts';
import { diagnosed, lazily, tellEvents } from './job/smoke.ts';
import type { Report } from './report/model.ts';
import type { RunSettings } from './settings/settings.ts';
import { joinWords } from './settings/types/words.ts';
import type { Ui } from './ui.ts';
import { watch } from './watch/watch.ts';

/** Any command, watched as it stands: its own environment, stdin and folder. */
export async function run(settings: RunSettings, ui: Ui): Promise<Report> {
  const none = { python: null, project: null, shard: null, buildTimeout: null };
  const job = await openJob(ui, { env: process.env, ...none });
  try {
    const env = Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const watched = await watch({
      name: joinWords(settings.argv),
      argv: settings.argv,
      layout: 'executable',
      cwd: settings.cwd,
      env,
      stdin: { kind: 'inherit' },
      // A command of which nothing is known: its run deadline counts from the spawn.
      boot: 'warm',
      deadlines: settings.deadlines,
      observer: settings.observer,
      expect: { exitCode: 0, output: null },
      teardownBudget: null,
      packagerFiles: [],
      tools: job.tools,
      secrets: job.secrets,
      onOutput: ui.log.passthrough,
      onEvent: tellEvents(job),
      cancel: ui.cancel,
    });
    const files = lazily(async () => {
      // A cancelled run is looked into like any other.
      const { cancel: _, ...context } = job.context;
      return projectFiles(await checkoutRoot(settings.cwd, context), null);
    });
    const record = await diagnosed(watched, { packagerFiles: [], interpreter: null }, files, job);
    return conclude(job, { runs: [record] });
  } finally {
    await job.close();
  }
}

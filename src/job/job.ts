import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownVersion } from '../assets.ts';
import type { EvidenceTools } from '../evidence/tools.ts';
import type { Log } from '../log.ts';
import { problem } from '../problem.ts';
import type { Report } from '../report/model.ts';
import { secretsOf } from '../secrets.ts';
import type { ToolContext } from '../toolchain/context.ts';
import type { Ui } from '../ui.ts';
import { openCrew } from './crew.ts';

/** What the stages of one job share. */
export interface Job {
  readonly log: Log;
  readonly cancel: AbortSignal;
  readonly context: ToolContext;
  /** A folder of this job alone, removed at its end. */
  readonly work: string;
  readonly started: Date;
  readonly secrets: readonly string[];
  /** Every notice of the log, for the report. */
  readonly notices: readonly string[];
  /** Installed at the first call; the calls share one answer. */
  readonly tools: () => Promise<EvidenceTools>;
  /** For work that starts tools: when the job is cancelled it is given up at once, and its tools are ended. */
  readonly interruptible: <T>(body: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export async function openJob(
  ui: Ui,
  env: NodeJS.ProcessEnv,
  tools: (context: ToolContext) => Promise<EvidenceTools>,
): Promise<Job> {
  const started = new Date();
  const notices: string[] = [];
  const log: Log = {
    ...ui.log,
    notice: (line) => {
      notices.push(line);
      ui.log.notice(line);
    },
  };
  // The runner's own temporary folder is emptied after the job; a path without links is what packagers write down.
  const parent = await realpath(env['RUNNER_TEMP'] ?? tmpdir());
  const work = await mkdtemp(join(parent, 'exitproof-'));
  const crew = openCrew();
  const context: ToolContext = { log, env: { ...env, ...crew.env }, work, cancel: ui.cancel };
  let asked: Promise<EvidenceTools> | null = null;
  let answered = false;
  return {
    log,
    cancel: ui.cancel,
    context,
    work,
    started,
    secrets: secretsOf(env),
    notices,
    tools: () => {
      asked ??= tools(context).finally(() => {
        answered = true;
      });
      return asked;
    },
    interruptible: async (body) => {
      const aborted = new Promise<never>((_, reject) => {
        const give = (): void => reject(problem('build', `cancelled by ${String(ui.cancel.reason)}`));
        if (ui.cancel.aborted) give();
        else ui.cancel.addEventListener('abort', give, { once: true });
      });
      const work = body();
      // What is given up still ends, in an error that nobody waits for.
      work.catch(() => {});
      try {
        return await Promise.race([work, aborted]);
      } finally {
        if (ui.cancel.aborted) await crew.end();
      }
    },
    close: async () => {
      if (asked !== null && !answered) await crew.end();
      await rm(work, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A report of nothing yet; what a job has found out is laid over it. */
export function blankReport(job: Job): Omit<Report, 'verdict' | 'summary'> {
  return {
    schema: 'exitproof.report/1',
    exitproof: ownVersion(),
    phase: null,
    cause: null,
    commit: null,
    started: job.started.toISOString(),
    duration: Math.round(Date.now() - job.started.getTime()),
    build: null,
    cache: null,
    executable: null,
    archive: null,
    runs: [],
    notices: job.notices,
    failure: null,
  };
}

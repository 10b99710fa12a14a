import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownVersion } from '../assets.ts';
import type { EvidenceTools } from '../evidence/tools.ts';
import type { Log } from '../log.ts';
import type { Report } from '../report/model.ts';
import { secretsOf } from '../secrets.ts';
import type { ToolContext } from '../toolchain/context.ts';
import type { Ui } from '../ui.ts';

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
  const context: ToolContext = { log, env, work };
  let asked: Promise<EvidenceTools> | null = null;
  return {
    log,
    cancel: ui.cancel,
    context,
    work,
    started,
    secrets: secretsOf(env),
    notices,
    tools: () => {
      asked ??= tools(context);
      return asked;
    },
    close: () => rm(work, { recursive: true, force: true, maxRetries: 3 }),
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

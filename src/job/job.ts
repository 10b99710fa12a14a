import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { ownVersion } from '../assets.ts';
import { holdTools } from '../cache/leases.ts';
import { tidy } from '../cache/tidy.ts';
import type { EvidenceTools } from '../evidence/tools.ts';
import type { Log } from '../log.ts';
import type { Report, Shard } from '../report/model.ts';
import { secretsOf } from '../secrets.ts';
import type { RunningTool, ToolContext } from '../toolchain/context.ts';
import { evidenceTools } from '../toolchain/evidenceTools.ts';
import { type FoundInterpreter, findInterpreter } from '../toolchain/interpreter.ts';
import type { Ui } from '../ui.ts';
import { workFolder } from '../workFolder.ts';
import { openCrew } from './crew.ts';
import { limited } from './limit.ts';
import { platformName } from './platformName.ts';

/** What the stages of one job share. */
export interface Job {
  readonly log: Log;
  readonly cancel: AbortSignal;
  /** For tools: they carry a mark by which all of them can be ended. */
  readonly context: ToolContext;
  /** The user's own, for the programs that are watched. */
  readonly env: NodeJS.ProcessEnv;
  /** A folder of this job alone, removed at its end. */
  readonly work: string;
  readonly started: Date;
  readonly shard: Shard | null;
  readonly secrets: readonly string[];
  /** Every notice of the log, for the report. */
  readonly notices: readonly string[];
  /** Says whom the tools are to be installed for; else one is found. */
  readonly toolsFor: (interpreter: FoundInterpreter) => void;
  /** Installed at the first call; the calls share one answer. */
  readonly tools: () => Promise<EvidenceTools>;
  /**
   * For work that starts tools: where it fails, takes too long, or the job is cancelled, its tools are ended. The job
   * that it is given starts none once this work was given up.
   */
  readonly interruptible: <T>(body: (own: Job) => Promise<T>) => Promise<T>;
  /** The same, however long it takes: for work that has limits of its own. */
  readonly cancellable: <T>(body: (own: Job) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface JobOptions {
  readonly env: NodeJS.ProcessEnv;
  /** As the setting, and where `.python-version` is looked for; for the evidence tools alone. */
  readonly python: string | null;
  readonly project: string | null;
  readonly shard: Shard | null;
  /** Milliseconds that each `interruptible` work may take; null for no limit. */
  readonly buildTimeout: number | null;
}

export async function openJob(
  ui: Ui,
  { env, python, project, shard, buildTimeout }: JobOptions,
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
  const work = await workFolder(env);
  const lease = await holdTools(env);
  const crew = openCrew();
  const running = new Set<RunningTool>();
  // What asks an index is no process that could be ended.
  const over = new AbortController();
  const cancel = AbortSignal.any([ui.cancel, over.signal]);
  const context = { log, env: { ...env, ...crew.env }, work, cancel, running };
  let asked: Promise<EvidenceTools> | null = null;
  let known: FoundInterpreter | null = null;
  let underWay = 0;
  const track = <T>(promise: Promise<T>): Promise<T> => {
    underWay += 1;
    const done = (): void => {
      underWay -= 1;
    };
    promise.then(done, done);
    return promise;
  };
  const install = async (): Promise<EvidenceTools> => {
    const request = { python, project, requiresPython: null, path: context.env['PATH'] ?? '', ...context };
    return evidenceTools(known ?? (await findInterpreter(request).catch(() => null)), context);
  };
  const within = async <T>(limit: number | null, body: (own: Job) => Promise<T>): Promise<T> => {
    const failed = new AbortController();
    const ownWork = (stop: AbortSignal): Promise<T> => {
      const own = { ...context, cancel: AbortSignal.any([stop, failed.signal]) };
      return track(body({ ...job, context: own }));
    };
    try {
      return await limited(ownWork, { limit, running, cancel: ui.cancel });
    } catch (error) {
      // One of several tools has failed, or all are in the way.
      failed.abort('a failed build');
      await crew.end();
      throw error;
    }
  };
  const job: Job = {
    log,
    cancel: ui.cancel,
    context,
    env,
    work,
    started,
    shard,
    secrets: secretsOf(env),
    notices,
    toolsFor: (interpreter) => {
      known = interpreter;
    },
    tools: () => {
      asked ??= track(install());
      return asked;
    },
    interruptible: (body) => within(buildTimeout, body),
    cancellable: (body) => within(null, body),
    close: async () => {
      over.abort('the end of the job');
      if (underWay > 0) await crew.end();
      const options = { recursive: true, force: true, maxRetries: 3 } as const;
      // What was given up may still write: then it is removed when nothing can any more.
      if (underWay > 0) process.once('exit', () => rmSync(work, options));
      await rm(work, options).catch(() => {});
      // Those who cancel wait for nothing but the verdict.
      if (lease !== null && !ui.cancel.aborted) await tidy(lease.root);
      await lease?.release();
    },
  };
  return job;
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
    layout: null,
    archive: null,
    runs: [],
    soak: null,
    shard: job.shard,
    platform: platformName(),
    parts: [],
    warnings: [],
    notices: job.notices,
    failure: null,
  };
}

import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withDiagnosis } from '../diagnose/diagnose.ts';
import { type ProjectFiles, projectFiles } from '../diagnose/project.ts';
import { maskSecrets } from '../evidence/mask.ts';
import { duration } from '../report/durations.ts';
import type { Interpreter, Layout, Phase, Report, RunRecord } from '../report/model.ts';
import type { Settings, SmokeRun } from '../settings/settings.ts';
import type { RunEvent, WatchedRun } from '../watch/request.ts';
import { openSession, type WatchSession } from '../watch/session.ts';
import type { Job } from './job.ts';

export interface Subject {
  readonly layout: Layout;
  readonly from?: 'archive';
  /** Absolute. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Prefixes of the packager's own files in frames. */
  readonly packagerFiles: readonly string[];
  readonly interpreter: Interpreter | null;
}

/** What a smoke tells. */
export interface Smoked {
  readonly seen: Pick<Report, 'runs' | 'soak'>;
  /** Processes that had left their run and could not be ended: whatever they had open they may still write to. */
  readonly atLarge: readonly number[];
}

export interface Checkout {
  readonly folder: string;
  /** The project's distribution name; null where it has none. */
  readonly distribution: string | null;
}

/**
 * Every smoke run in every layout, one after the other: side by side they would disturb each other's clocks. A soak
 * repeats each. `another` is asked at the end whether what was seen calls for one more layout.
 */
export async function smoke(
  settings: Settings,
  subjects: readonly Subject[],
  checkout: Checkout | null,
  job: Job,
  another: (runs: readonly RunRecord[]) => Promise<Subject | null> = async () => null,
): Promise<Smoked> {
  const soaking =
    settings.soak.kind === 'runs' && settings.soak.runs === 1
      ? null
      : (await import('../soak/soak.ts')).openSoak(settings, subjects.length * settings.smoke.length, job);
  const session = openSession({ folder: job.work });
  const files = lazily(() =>
    checkout === null ? Promise.resolve(null) : projectFiles(checkout.folder, checkout.distribution),
  );
  const records: RunRecord[] = [];
  const runAll = async (subject: Subject, alone: boolean): Promise<void> => {
    for (const [index, run] of settings.smoke.entries()) {
      if (job.cancel.aborted) return;
      const which = subject.from === undefined ? subject.layout : `from the ${subject.from}`;
      const title = `${run.name}${alone && subject.from === undefined ? '' : ` (${which})`}`;
      const firstBoot = index === 0 && subject.layout !== 'executable' ? 'cold' : 'warm';
      const once = async (boot: RunRecord['boot'], told: boolean): Promise<RunRecord> => {
        const watched = await watchOne(settings, session, subject, run, { boot, told }, job);
        const record = await diagnosed(watched, subject, files, job);
        return subject.from === undefined ? record : { ...record, from: subject.from };
      };
      if (soaking === null) {
        records.push(await job.log.stage(`Smoke: ${title}`, () => once(firstBoot, true)));
      } else {
        const python = subject.interpreter?.version ?? null;
        await soaking.soak({ title, python, boot: firstBoot, watch: once });
      }
    }
  };
  const atLarge: number[] = [];
  const runEach = async (): Promise<Smoked['seen']> => {
    for (const subject of subjects) await runAll(subject, subjects.length === 1);
    const more = job.cancel.aborted ? null : await another(soaking?.read().runs ?? records);
    if (more !== null) await runAll(more, false);
    return soaking?.read() ?? { runs: records, soak: null };
  };
  const seen = await runEach().finally(async () => {
    for (const { pid, command, ended } of await session.close()) {
      if (!ended) atLarge.push(pid);
      const named = `${pid} ${maskSecrets(command, job.secrets)}`;
      job.log.notice(`${ended ? 'ended' : 'could not end'} a process that had left its run: ${named}`);
    }
  });
  return { seen, atLarge };
}

/** Milliseconds: where nothing marks, the first sample is taken then. */
const TOOLS_AFTER = 1_000;

async function watchOne(
  settings: Settings,
  session: WatchSession,
  subject: Subject,
  run: SmokeRun,
  { boot, told }: { readonly boot: RunRecord['boot']; readonly told: boolean },
  job: Job,
): Promise<WatchedRun> {
  // Empty: a program that only works beside its checkout has forgotten to pack something.
  const cwd = run.cwd ?? mkdtempSync(join(job.work, 'cwd-'));
  // They may be needed in a hurry. A program that is gone by then needed none.
  const soon = setTimeout(() => void job.tools().catch(() => {}), TOOLS_AFTER);
  const watching = session.watch({
    name: run.name,
    argv: [subject.program, ...run.args],
    layout: subject.layout,
    cwd,
    env: { ...subject.env, ...run.env },
    stdin: run.stdin,
    boot,
    deadlines: { ...settings.deadlines, run: run.runTimeout },
    observer: settings.observer,
    expect: { exitCode: run.exitCode, output: run.expectOutput },
    teardownBudget: settings.teardownBudget,
    packagerFiles: subject.packagerFiles,
    tools: job.tools,
    secrets: job.secrets,
    // A thousand runs say a thousand times the same.
    onOutput: told ? job.log.passthrough : () => undefined,
    onEvent: told ? tellEvents(job) : () => {},
    cancel: job.cancel,
  });
  const watched = await watching.finally(() => clearTimeout(soon));
  if (run.cwd === null) await removeFolder(cwd);
  return watched;
}

/** Most programs leave it empty: a soak need not wait for the thread pool between two runs. */
async function removeFolder(folder: string): Promise<void> {
  try {
    rmdirSync(folder);
  } catch {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

export function tellEvents({ log }: Pick<Job, 'log'>): (event: RunEvent) => void {
  const told = new Set<Phase>();
  return (event) => {
    if (event.kind === 'deadline') {
      log.warning(`not ended after ${duration(event.at)}, in ${event.phase}: looking into it`);
    } else if (event.kind === 'phase' && !told.has(event.phase)) {
      told.add(event.phase);
      log.debug(`${duration(event.at)}: ${event.phase}`);
    }
  };
}

export async function diagnosed(
  watched: WatchedRun,
  subject: Pick<Subject, 'packagerFiles' | 'interpreter'>,
  files: () => Promise<ProjectFiles | null>,
  job: Job,
): Promise<RunRecord> {
  const { motion, awaited, python, ...run } = watched;
  if (run.verdict === 'passed') return { ...run, diagnosis: null };
  const { interpreter, packagerFiles } = subject;
  const project = await files().catch((error: unknown) => {
    if (!job.cancel.aborted) {
      job.log.notice(`the checkout could not be read: ${error instanceof Error ? error.message : error}`);
    }
    return null;
  });
  return withDiagnosis({
    run,
    motion,
    awaited,
    python: python ?? interpreter?.version ?? null,
    project,
    packagerFiles,
  });
}

export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

import * as core from '@actions/core';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { isProblem } from '../problem.ts';
import { type Annotation, annotations } from '../report/annotation.ts';
import type { Report } from '../report/model.ts';
import { outputs } from '../report/outputs.ts';
import { renderSummary } from '../report/summaryMarkdown.ts';
import { renderTerminal } from '../report/terminal.ts';
import type { ActionLog } from './actionLog.ts';

/** The log of a step shows about this many columns without wrapping. */
const WIDTH = 110;

export interface Published {
  readonly report: Report;
  /** Relative to the workspace. */
  readonly reportPath: string;
  /** The full stacks, relative to the workspace; null where there are none. */
  readonly dumpFile: string | null;
  /** A verdict that the settings allow is a warning, not an error. */
  readonly allowed: boolean;
}

/** The report in all the places where GitHub shows one. */
export async function publish(
  { report, reportPath, dumpFile, allowed }: Published,
  log: ActionLog,
): Promise<void> {
  // After the groups, so that it stands unfolded; a block, since names in it are the program's own words.
  log.block(renderTerminal(report, { color: false, width: WIDTH, verbose: core.isDebug(), dumpFile }));
  log.close();
  for (const annotation of annotations(report)) annotate(annotation, allowed ? 'warning' : 'error');
  for (const [name, value] of Object.entries(outputs(report, reportPath))) core.setOutput(name, value);
  await writeSummary(renderSummary(report), log);
}

/** Nothing ran, or exitproof itself broke: one annotation, and the exit code that says which. */
export function publishFailure(error: unknown, log: ActionLog): ExitCode {
  log.close();
  if (isProblem(error) && error.kind !== 'internal') {
    annotate({ title: 'exitproof', message: [error.message, error.hint ?? ''].join('\n').trim() }, 'error');
    return error.kind === 'settings' ? EXIT.settings : EXIT.notBuilt;
  }
  const [message, stack] =
    error instanceof Error ? [error.message, error.stack ?? error.message] : [String(error), String(error)];
  log.block(stack);
  annotate({ title: 'exitproof: a fault of its own', message }, 'error');
  return EXIT.internal;
}

function annotate({ title, message, file, startLine }: Annotation, level: 'error' | 'warning'): void {
  const say = level === 'error' ? core.error : core.warning;
  say(message, {
    title,
    ...(file === undefined ? {} : { file }),
    ...(startLine === undefined ? {} : { startLine }),
  });
}

/** A summary that can't be written is no reason to fail a job whose verdict is known. */
async function writeSummary(markdown: string, log: ActionLog): Promise<void> {
  if (process.env['GITHUB_STEP_SUMMARY'] === undefined) return;
  try {
    await core.summary.addRaw(markdown, true).write();
  } catch (error) {
    log.warning(`the job summary could not be written: ${error instanceof Error ? error.message : error}`);
  }
}

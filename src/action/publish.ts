import * as core from '@actions/core';
import { shownPath } from '../job/paths.ts';
import { annotations } from '../report/annotation.ts';
import { type ReportFiles, writeReportFiles } from '../report/files.ts';
import type { Report } from '../report/model.ts';
import { outputs } from '../report/outputs.ts';
import { renderSummary } from '../report/summaryMarkdown.ts';
import { renderTerminal } from '../report/terminal.ts';
import type { ActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';

/** The log of a step shows about this many columns without wrapping. */
const WIDTH = 110;

export interface Published {
  readonly report: Report;
  /** Absolute; the report and the stacks are written there. */
  readonly output: string;
  /** A verdict that the settings allow is a warning, not an error. */
  readonly allowed: boolean;
}

/** The report in all the places where GitHub shows one. */
export async function publish({ report, output, allowed }: Published, log: ActionLog): Promise<void> {
  const files = filesOf(report, output, log);
  const reportFile = files === null ? '' : shownPath(files.report, process.cwd());
  const dumpFile = files === null || files.dump === null ? null : shownPath(files.dump, process.cwd());

  // After the groups, so that it stands unfolded; a block, since names in it are the program's own words.
  log.block(renderTerminal(report, { color: false, width: WIDTH, verbose: core.isDebug(), dumpFile }));
  log.close();
  const level = allowed ? 'warning' : 'error';
  for (const annotation of annotations(report)) annotate(annotation, annotation.level ?? level);
  for (const [name, value] of Object.entries(outputs(report, reportFile))) core.setOutput(name, value);
  await writeSummary(renderSummary(report), log);
}

/** A folder that can't be written to costs the files, not the verdict. */
function filesOf(report: Report, output: string, log: ActionLog): ReportFiles | null {
  try {
    return writeReportFiles(report, output);
  } catch (error) {
    log.warning(`the report could not be written: ${error instanceof Error ? error.message : error}`);
    return null;
  }
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

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import { shownPath } from '../job/paths.ts';
import { annotations } from '../report/annotation.ts';
import { DUMP_FILE, renderDump } from '../report/dump.ts';
import { reportJson } from '../report/json.ts';
import type { Report } from '../report/model.ts';
import { outputs } from '../report/outputs.ts';
import { renderSummary } from '../report/summaryMarkdown.ts';
import { renderTerminal } from '../report/terminal.ts';
import type { ActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';

const REPORT_FILE = 'report.json';

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
  mkdirSync(output, { recursive: true });
  const write = (name: string, text: string): string => {
    writeFileSync(join(output, name), text);
    return shownPath(join(output, name), process.cwd());
  };
  const reportFile = write(REPORT_FILE, reportJson(report));
  const dump = renderDump(report);
  const dumpFile = dump === '' ? null : write(DUMP_FILE, dump);

  // After the groups, so that it stands unfolded; a block, since names in it are the program's own words.
  log.block(renderTerminal(report, { color: false, width: WIDTH, verbose: core.isDebug(), dumpFile }));
  log.close();
  const level = allowed ? 'warning' : 'error';
  for (const annotation of annotations(report)) annotate(annotation, annotation.level ?? level);
  for (const [name, value] of Object.entries(outputs(report, reportFile))) core.setOutput(name, value);
  await writeSummary(renderSummary(report), log);
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

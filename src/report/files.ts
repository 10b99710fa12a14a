import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DUMP_FILE, renderDump } from './dump.ts';
import { reportJson } from './json.ts';
import type { Report } from './model.ts';

const REPORT_FILE = 'report.json';

export interface ReportFiles {
  /** Absolute. */
  readonly report: string;
  /** Absolute; null where no stacks were taken. */
  readonly dump: string | null;
}

/** The report and its stacks in the folder `output` (absolute), in the place of those of an earlier job. */
export function writeReportFiles(report: Report, output: string): ReportFiles {
  mkdirSync(output, { recursive: true });
  const files = reportFilesIn(output);
  writeWhole(files.report, reportJson(report));
  const stacks = renderDump(report);
  if (stacks === '') {
    rmSync(files.dump, { force: true });
    return { ...files, dump: null };
  }
  writeWhole(files.dump, stacks);
  return files;
}

/** Where they lie in the folder `output`, if they do. */
export function reportFilesIn(output: string): { readonly report: string; readonly dump: string } {
  return { report: join(output, REPORT_FILE), dump: join(output, DUMP_FILE) };
}

/** Half a report would be read as one: on a full disk there is none, not even that of an earlier job. */
function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

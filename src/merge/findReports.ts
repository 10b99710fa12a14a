import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { shownPath } from '../job/paths.ts';
import { isProblem, problem } from '../problem.ts';
import type { Report } from '../report/model.ts';
import { parseReport } from '../report/parse.ts';

export interface FoundReport {
  /** As a person in the working directory would write it. */
  readonly file: string;
  readonly report: Report;
}

/**
 * Reads the reports that files, folders and patterns name, each once. In a folder a report is known by its name,
 * `report.json`, or by how it begins.
 *
 * @throws a `settings` problem: one sentence for each that is none, or is cut, or is of another schema
 */
export async function findReports(patterns: readonly string[], cwd: string): Promise<readonly FoundReport[]> {
  const paths = new Map<string, string>();
  const faults: string[] = [];
  for (const pattern of patterns) {
    const found = await matches(pattern, cwd);
    if (found.length === 0) faults.push(`${pattern}: there is no report.`);
    for (const path of found) paths.set(realpathSync(path), path);
  }
  const reports: FoundReport[] = [];
  for (const path of paths.values()) {
    const file = shownPath(path, cwd);
    try {
      reports.push({ file, report: parseReport(readFileSync(path, 'utf8'), file) });
    } catch (error) {
      if (!isProblem(error)) throw error;
      faults.push(error.message);
    }
  }
  if (faults.length > 0) throw problem('settings', faults.join('\n'));
  return reports;
}

/** Absolute, in an order that doesn't depend on the file system. */
async function matches(pattern: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, pattern);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [path];
  const options = {
    cwd: stats === undefined ? cwd : path,
    absolute: true,
    dot: true,
    expandDirectories: false,
  };
  if (stats?.isDirectory() === true)
    return (await glob('**/*.json', options)).filter(looksLikeReport).toSorted();
  return isDynamicPattern(pattern) ? (await glob(pattern, options)).toSorted() : [];
}

const START = 200;

/** An artifact may hold other files beside the report; one that is cut still begins like one. */
function looksLikeReport(path: string): boolean {
  if (basename(path) === 'report.json') return true;
  const start = Buffer.alloc(START);
  const descriptor = openSync(path, 'r');
  try {
    const length = readSync(descriptor, start, 0, START, 0);
    return /^\s*\{\s*"schema":\s*"exitproof\.report\//.test(start.toString('utf8', 0, length));
  } finally {
    closeSync(descriptor);
  }
}

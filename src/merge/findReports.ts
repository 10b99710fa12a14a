import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { shownPath } from '../job/paths.ts';
import { isProblem, problem } from '../problem.ts';
import type { Report } from '../report/model.ts';
import { parseReport } from '../report/parse.ts';
import { statsOf } from '../stats.ts';

export interface FoundReport {
  /** As a person in the working directory would write it. */
  readonly file: string;
  readonly report: Report;
}

/**
 * Reads the reports that files, folders and patterns name, each once. In a folder a report is known by its name,
 * `report.json`, or by how it begins.
 *
 * @throws a `settings` problem: one sentence for each that is none, can't be read, is cut, or is of another schema
 */
export async function findReports(patterns: readonly string[], cwd: string): Promise<readonly FoundReport[]> {
  const paths = new Map<string, string>();
  const faults: string[] = [];
  for (const pattern of patterns) {
    try {
      const found = await matches(pattern, cwd);
      if (found.length === 0) faults.push(`${pattern}: there is no report.`);
      for (const path of found) paths.set(realPath(path), path);
    } catch (error) {
      faults.push(unreadable(pattern, error));
    }
  }
  const reports: FoundReport[] = [];
  for (const path of paths.values()) {
    const file = shownPath(path, cwd);
    try {
      reports.push({ file, report: parseReport(readFileSync(path, 'utf8'), file) });
    } catch (error) {
      faults.push(isProblem(error) ? error.message : unreadable(file, error));
    }
  }
  if (faults.length > 0) throw problem('settings', faults.join('\n'));
  return reports;
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const words = typeof code === 'string' ? (WHY[code] ?? code) : null;
  if (words === null) throw error;
  return `${file}: it could not be read: ${words}.`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it is a link that leads nowhere',
  ELOOP: 'it is a link that leads to itself',
  EACCES: 'permission denied',
};

/** By which a file is known where several ways lead to it. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Absolute, in an order that doesn't depend on the file system. */
async function matches(pattern: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, pattern);
  const stats = statsOf(path);
  if (stats?.isFile() === true) return [path];
  const options = {
    cwd: stats === null ? cwd : path,
    absolute: true,
    dot: true,
    expandDirectories: false,
  };
  if (stats?.isDirectory() === true) {
    const files = await glob('**/*.json', options);
    return [...files.filter(looksLikeReport), ...brokenLinks(path)].toSorted();
  }
  return isDynamicPattern(pattern) ? (await glob(pattern, options)).toSorted() : [];
}

/** The search passes over them, and one of them may be a shard's report. No link is followed: some lead in circles. */
function brokenLinks(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return brokenLinks(path);
    return entry.isSymbolicLink() && path.endsWith('.json') && !existsSync(path) ? [path] : [];
  });
}

const START = 200;

/** An artifact may hold other files beside the report; one that is cut still begins like one, and one that can't be read may be one. */
function looksLikeReport(path: string): boolean {
  if (basename(path) === 'report.json') return true;
  const start = Buffer.alloc(START);
  const descriptor = opened(path);
  if (descriptor === null) return true;
  try {
    const length = readSync(descriptor, start, 0, START, 0);
    return /^\s*\{\s*"schema":\s*"exitproof\.report\//.test(start.toString('utf8', 0, length));
  } finally {
    closeSync(descriptor);
  }
}

function opened(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

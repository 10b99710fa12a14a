import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from './cli.ts';
import { temporaryFolder } from './tmp.ts';

export interface Checked {
  readonly code: number | null;
  /** stdout, then stderr. */
  readonly output: string;
  readonly report: Report;
}

/** `exitproof check` in a folder, to its end. Throws with what it said where it wrote no report. */
export async function runCheck(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Checked> {
  const file = join(temporaryFolder('report'), 'report.json');
  const ended = await runCli(['check', '--report', file, ...args], { cwd, env: testEnvironment(env) });
  const output = `${ended.stdout}\n${ended.stderr}`;
  if (!existsSync(file)) throw new Error(output);
  return { code: ended.code, output, report: parseReport(readFileSync(file, 'utf8'), file) };
}

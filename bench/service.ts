import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReport } from '../src/report/parse.ts';
import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { inRepository } from '../test/support/paths.ts';

/** The program of `bench/service` in a venv layout, built below `folder`; null where it could not be. */
export function buildService(folder: string, python: string): string | null {
  const report = join(folder, 'report.json');
  const output = join(folder, 'out');
  const done = spawnSync(
    NODE_24,
    [
      cliEntry(),
      'check',
      inRepository('bench', 'service'),
      '--python',
      python,
      '--output',
      output,
      '--report',
      report,
    ],
    { cwd: folder, env: { ...process.env, ...testEnvironment() }, encoding: 'utf8' },
  );
  if (done.status !== 0) return null;
  const { executable } = parseReport(readFileSync(report, 'utf8'), report);
  return executable === null ? null : join(folder, executable);
}

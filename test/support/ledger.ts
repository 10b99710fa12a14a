import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from './cli.ts';
import { fixture } from './paths.ts';

/** The version in which the stall was reported. */
const PEX_VERSION = '2.28.1';

export interface LedgerRun {
  readonly code: number | null;
  /** Null where none was written; then `output` says why. */
  readonly report: Report | null;
  readonly output: string;
}

/**
 * Packs `ledger.py` with the first PEX that was seen to stall, and runs it `times` under the watch.
 * @param python path of a CPython with issue 96387, such as 3.9
 */
export async function checkLedger(
  python: string,
  layout: 'zipapp' | 'venv',
  times: number,
): Promise<LedgerRun> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-ledger-'));
  const project = join(folder, 'ledger');
  mkdirSync(project);
  cpSync(fixture('origin', 'ledger.py'), join(project, 'ledger.py'));
  const file = join(folder, 'report.json');
  const smokes = Array.from({ length: times }, (_, at) => `--smoke=time-${at + 1}`);
  const result = await runCli(
    [
      ...['check', project, '--entry-point', 'ledger.py', '--python', python],
      ...['--builder-version', PEX_VERSION, '--layouts', layout, '--cache', 'off'],
      ...['--teardown-timeout', '8s', '--report', file],
      ...smokes,
    ],
    { cwd: folder, env: testEnvironment(), limit: 600_000 },
  );
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  rmSync(folder, { recursive: true, force: true });
  return { code: result.code, report, output: `${result.stdout}\n${result.stderr}` };
}

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
 * What packs `ledger.py` in `project` with the first PEX that was seen to stall, and runs it `times` in each layout.
 * @param python path of a CPython with issue 96387, such as 3.9
 * @param layouts `zipapp`, or `zipapp,venv`
 */
export function ledgerArguments(
  project: string,
  python: string,
  layouts: string,
  times: number,
): readonly string[] {
  return [
    ...['check', project, '--entry-point', 'ledger.py', '--python', python],
    ...['--builder-version', PEX_VERSION, '--layouts', layouts, '--cache', 'off'],
    ...['--teardown-timeout', '8s'],
    ...Array.from({ length: times }, (_, at) => `--smoke=time-${at + 1}`),
  ];
}

/** The check of `ledgerArguments`, in a folder of its own. */
export async function checkLedger(
  python: string,
  layouts: string,
  times: number,
  more: readonly string[] = [],
): Promise<LedgerRun> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-ledger-'));
  const project = join(folder, 'ledger');
  mkdirSync(project);
  cpSync(fixture('origin', 'ledger.py'), join(project, 'ledger.py'));
  const file = join(folder, 'report.json');
  const result = await runCli(
    [...ledgerArguments(project, python, layouts, times), ...more, '--report', file],
    { cwd: folder, env: testEnvironment(), limit: 600_000 },
  );
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  rmSync(folder, { recursive: true, force: true });
  return { code: result.code, report, output: `${result.stdout}\n${result.stderr}` };
}

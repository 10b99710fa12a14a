import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { DUMP_FILE, renderDump } from '../report/dump.ts';
import { reportJson } from '../report/json.ts';
import type { Report } from '../report/model.ts';
import { readInputs } from '../settings/inputs.ts';
import { readSettings, type Settings } from '../settings/settings.ts';
import { TABLE } from '../settings/table.ts';
import { type ActionLog, closeOnExit, createActionLog } from './actionLog.ts';
import { type CancelSignal, cancelSignal } from './cancel.ts';
import { publish, publishFailure } from './publish.ts';
import { saveState } from './state.ts';

const REPORT_FILE = 'report.json';

async function main(log: ActionLog): Promise<ExitCode> {
  saveState({ started: true });
  const settings = readSettings(readInputs(TABLE, process.env), process.cwd());
  const cancel = cancelSignal();
  // Only now: a bad setting is told without loading what builds and watches.
  const { check } = await import('../check.ts');
  const report = await check(settings, { log, cancel: cancel.signal });
  return tell(report, settings, cancel.by(), log);
}

async function tell(
  report: Report,
  settings: Settings,
  cancelledBy: CancelSignal | null,
  log: ActionLog,
): Promise<ExitCode> {
  const exitCode = exitCodeOf(report, cancelledBy, settings.onStall);
  const shown = (name: string): string => relative(settings.cwd, join(settings.output, name));
  const write = (name: string, text: string): void => writeFileSync(join(settings.output, name), text);
  mkdirSync(settings.output, { recursive: true });
  write(REPORT_FILE, reportJson(report));
  const dump = renderDump(report);
  if (dump !== '') write(DUMP_FILE, dump);
  await publish(
    {
      report,
      reportPath: shown(REPORT_FILE),
      dumpFile: dump === '' ? null : shown(DUMP_FILE),
      allowed: exitCode === 0,
    },
    log,
  );
  return exitCode;
}

const log = createActionLog();
closeOnExit(log);
process.exitCode = await main(log).catch((error: unknown) => publishFailure(error, log));
// It ends by draining; a handle that somebody forgot must not hold the job.
setTimeout(() => process.exit(), 5_000).unref();

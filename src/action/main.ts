import { cancelSignal } from '../cancel.ts';
import { type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { readInputs } from '../settings/inputs.ts';
import { readSettings } from '../settings/settings.ts';
import { TABLE } from '../settings/table.ts';
import { type ActionLog, closeOnExit, createActionLog } from './actionLog.ts';
import { tellFault } from './fault.ts';
import { saveState } from './state.ts';

async function main(log: ActionLog): Promise<ExitCode> {
  saveState({ started: true });
  const settings = await readSettings(readInputs(TABLE, process.env), process.cwd());
  const cancel = cancelSignal();
  // Only now: a bad setting is told without loading what builds and watches.
  const { check } = await import('../check.ts');
  const report = await check(settings, { log, cancel: cancel.signal });
  const exitCode = exitCodeOf(report, cancel.by(), settings.onStall);
  const { publish } = await import('./publish.ts');
  await publish({ report, output: settings.output, allowed: exitCode === 0 }, log);
  return exitCode;
}

const log = createActionLog();
closeOnExit(log);
process.exitCode = await main(log).catch((error: unknown) => tellFault(error, log));
// It ends by draining; a handle that somebody forgot must not hold the job.
setTimeout(() => process.exit(), 5_000).unref();

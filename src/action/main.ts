import { cancelSignal } from '../cancel.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { hasBroken } from '../fault.ts';
import { readInputs } from '../settings/inputs.ts';
import { readSettings } from '../settings/settings.ts';
import { TABLE } from '../settings/table.ts';
import type { ActionLog } from './actionLog.ts';
import { start } from './start.ts';
import { saveState } from './state.ts';

async function step(log: ActionLog): Promise<ExitCode> {
  saveState({ started: true });
  const settings = await readSettings(readInputs(TABLE, process.env), process.cwd());
  const cancel = cancelSignal();
  // Only now: a bad setting is told without loading what builds and watches.
  const { check } = await import('../check.ts');
  const report = await check(settings, { log, cancel: cancel.signal });
  if (hasBroken()) return EXIT.internal;
  const exitCode = exitCodeOf(report, cancel.by(), settings.onStall);
  const { publish } = await import('./publish.ts');
  await publish({ report, output: settings.output, allowed: exitCode === 0 }, log);
  return exitCode;
}

await start(step);

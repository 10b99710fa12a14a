import { type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { problem } from '../problem.ts';
import { readInputs } from '../settings/inputs.ts';
import { MERGE_TABLE } from '../settings/mergeTable.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { ActionLog } from './actionLog.ts';
import { start } from './start.ts';

async function step(log: ActionLog): Promise<ExitCode> {
  const cwd = process.cwd();
  const written = readInputs(MERGE_TABLE, process.env);
  const { values } = resolveSettings(MERGE_TABLE, [written], { cwd, project: cwd });
  const { reports, expect, onStall, output } = values;
  if (reports.length === 0) throw problem('settings', 'input reports: got nothing, takes at least one path');
  const { merge } = await import('../merge/merge.ts');
  const report = await merge({ reports, expect, cwd });
  const exitCode = exitCodeOf(report, null, onStall);
  const { publish } = await import('./publish.ts');
  await publish({ report, output, allowed: exitCode === 0 }, log);
  return exitCode;
}

await start(step);

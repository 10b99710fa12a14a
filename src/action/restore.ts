import { dirname } from 'node:path';
import * as core from '@actions/core';
import { cancelSignal } from '../cancel.ts';
import type { ExitCode } from '../exitCodes.ts';
import { restore, restoreExitCode } from '../restore.ts';
import { readInputs } from '../settings/inputs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { RESTORE_TABLE } from '../settings/restoreTable.ts';
import type { ActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';
import { start } from './start.ts';

async function step(log: ActionLog): Promise<ExitCode> {
  const cwd = process.cwd();
  const written = readInputs(RESTORE_TABLE, process.env);
  const { values } = resolveSettings(RESTORE_TABLE, [written], { cwd, project: cwd });
  const cancel = cancelSignal();
  const restored = await restore(values, { log, cancel: cancel.signal, env: process.env, cwd });
  for (const [name, value] of Object.entries(restored)) if (value !== null) core.setOutput(name, value);
  if (values.addToPath && restored.executable !== null) core.addPath(dirname(restored.executable));
  const exitCode = restoreExitCode(restored, values, cancel.by());
  if (exitCode !== 0) {
    log.close();
    annotate({
      title: 'exitproof: nothing restored',
      message: `${restored.result}: ${restored.reason}`,
    });
  }
  return exitCode;
}

await start(step);

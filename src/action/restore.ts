import { dirname } from 'node:path';
import * as core from '@actions/core';
import type { ExitCode } from '../exitCodes.ts';
import { restore, restoreExitCode } from '../restore.ts';
import { readInputs } from '../settings/inputs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { RESTORE_TABLE } from '../settings/restoreTable.ts';
import { type ActionLog, closeOnExit, createActionLog } from './actionLog.ts';
import { annotate } from './annotate.ts';
import { tellFault } from './fault.ts';

async function main(log: ActionLog): Promise<ExitCode> {
  const cwd = process.cwd();
  const written = readInputs(RESTORE_TABLE, process.env);
  const { values } = resolveSettings(RESTORE_TABLE, [written], { cwd, project: cwd });
  const restored = await restore(values, { log, env: process.env, cwd });
  for (const [name, value] of Object.entries(restored)) if (value !== null) core.setOutput(name, value);
  if (values.addToPath && restored.executable !== null) core.addPath(dirname(restored.executable));
  const exitCode = restoreExitCode(restored, values);
  if (exitCode !== 0) {
    log.close();
    annotate({
      title: 'exitproof: nothing restored',
      message: `${restored.result}: ${restored.reason}`,
    });
  }
  return exitCode;
}

const log = createActionLog();
closeOnExit(log);
process.exitCode = await main(log).catch((error: unknown) => tellFault(error, log));
// It ends by draining; a handle that somebody forgot must not hold the job.
setTimeout(() => process.exit(), 5_000).unref();

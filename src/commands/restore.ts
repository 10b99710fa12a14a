import { cancelSignal } from '../cancel.ts';
import type { ExitCode } from '../exitCodes.ts';
import { printableLines } from '../report/text.ts';
import { type RestoreResult, restore, restoreExitCode } from '../restore.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { RESTORE_TABLE } from '../settings/restoreTable.ts';
import type { WrittenSettings } from '../settings/written.ts';
import type { Streams } from './perform.ts';
import { createTerminalLog } from './terminalLog.ts';

export async function restoreCommand(
  flags: WrittenSettings,
  { stdout, stderr }: Streams,
  cwd: string,
): Promise<ExitCode> {
  const { values } = resolveSettings(RESTORE_TABLE, [flags], { cwd, project: cwd });
  const { json, quiet, verbose } = values;
  const own = json ? stderr : stdout;
  const log = createTerminalLog({ own, program: null, quiet, verbose });
  const cancel = cancelSignal();
  const restored = await restore(values, { log, cancel: cancel.signal, env: process.env, cwd });
  const exitCode = restoreExitCode(restored, values, cancel.by());
  if (json) stdout.write(`${JSON.stringify(restored, null, 2)}\n`);
  if (restored.result === 'hit' && !quiet) log.block(inWords(restored));
  if (exitCode !== 0) stderr.write(`exitproof: nothing restored: ${restored.result}: ${restored.reason}\n`);
  return exitCode;
}

function inWords({ path, executable }: RestoreResult): string {
  return [`path: ${path}`, `executable: ${executable}`]
    .flatMap(printableLines)
    .map((line) => `${line}\n`)
    .join('');
}

import type { ExitCode } from '../exitCodes.ts';
import { readRunSettings } from '../settings/settings.ts';
import type { WrittenSettings } from '../settings/written.ts';
import { perform, type Streams } from './perform.ts';

/** As `time` does it: stdout is the program's alone, so that `exitproof run` can stand in a pipe. */
export async function runCommand(
  argv: readonly [string, ...string[]],
  flags: WrittenSettings,
  streams: Streams,
  cwd: string,
): Promise<ExitCode> {
  const settings = readRunSettings(argv, flags, cwd);
  const { run } = await import('../run.ts');
  return perform(settings, streams, 'stderr', true, (ui) => run(settings, ui));
}

import type { ExitCode } from '../exitCodes.ts';
import { readSettings } from '../settings/settings.ts';
import type { WrittenSettings } from '../settings/written.ts';
import { perform, type Streams } from './perform.ts';

export async function checkCommand(flags: WrittenSettings, streams: Streams, cwd: string): Promise<ExitCode> {
  const settings = await readSettings(flags, cwd);
  const { check } = await import('../check.ts');
  return perform({ ...settings, reportFolder: settings.output }, streams, 'stdout', false, (ui) =>
    check(settings, ui),
  );
}

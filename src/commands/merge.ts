import type { ExitCode } from '../exitCodes.ts';
import { MERGE_TABLE } from '../settings/mergeTable.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { WrittenSettings } from '../settings/written.ts';
import { perform, type Streams } from './perform.ts';

export async function mergeCommand(
  reports: readonly string[],
  flags: WrittenSettings,
  streams: Streams,
  cwd: string,
): Promise<ExitCode> {
  const { values } = resolveSettings(MERGE_TABLE, [flags], { cwd, project: cwd });
  const { merge } = await import('../merge/merge.ts');
  return perform(values, streams, 'stdout', false, () => merge({ reports, expect: values.expect, cwd }));
}

import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './toolchain/paths.ts';

/**
 * A new folder for one job. The runner's own temporary folder is emptied after the job; a path without links is what
 * packagers write down.
 */
export async function workFolder(env: Environment): Promise<string> {
  const runner = env['RUNNER_TEMP'] ?? '';
  return mkdtemp(join(await realpath(runner === '' ? tmpdir() : runner), 'exitproof-'));
}

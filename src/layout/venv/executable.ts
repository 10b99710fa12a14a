import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { problem } from '../../problem.ts';

/**
 * What runs in a layout, relative to it. `script` is the name of the entry where it is a console script: its own
 * file in `bin/` is what users type. Any other entry has PEX's `pex`, which runs what the PEX would run.
 */
export async function layoutExecutable(folder: string, script: string | null): Promise<string> {
  const candidates = script === null ? ['pex'] : [`bin/${script}`, 'pex'];
  for (const path of candidates) {
    const runs = await access(join(folder, path), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  throw problem('build', `the venv layout in ${folder} has no ${candidates.join(' and no ')}`);
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that exitproof writes to a workspace unasked lies in here. */
export const OWN_WORK_FOLDER = '.exitproof';

/** Keeps the folder out of `git status`, without a change to any tracked file. */
export async function ignoreOwnFolder(workspace: string): Promise<void> {
  const folder = join(workspace, OWN_WORK_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

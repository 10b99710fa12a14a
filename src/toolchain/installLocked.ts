import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { fetchLocked } from './fetchLocked.ts';
import { type LockName, lockPath } from './lockFile.ts';
import { LOCKED, privatePip, runOwn, unpackWheels } from './pip.ts';

/** Those of which all is known: they bring programs, and no data or headers. */
type Plain = Extract<LockName, 'evidence' | 'uv'>;

/** The packages of a lock in a folder, their programs in `bin`. Throws a build problem in pip's words. */
export async function installLocked(
  lock: Plain,
  interpreter: Interpreter,
  folder: string,
  context: ToolContext,
  what: string,
): Promise<void> {
  const pip = await privatePip(interpreter, context);
  const fetched = join(folder, 'wheels');
  await mkdir(fetched);
  const isFetched = await fetchLocked(lock, interpreter, { folder: fetched, pip }, context);
  if (isFetched) {
    await unpackWheels(interpreter, fetched, context, folder);
    await movePrograms(folder);
  }
  await rm(fetched, { recursive: true });
  if (isFetched) return;
  const args = [pip.path, 'install', '-r', lockPath(lock), '--target', folder, ...LOCKED];
  await runOwn(interpreter, args, context, what);
}

/** To where an installer puts them. */
async function movePrograms(folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const data of (await readdir(folder)).filter((name) => name.endsWith('.data'))) {
    const scripts = join(folder, data, 'scripts');
    for (const name of await readdir(scripts)) {
      await rename(join(scripts, name), join(bin, name));
      await chmod(join(bin, name), 0o755);
    }
  }
}

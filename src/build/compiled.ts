import { readdir } from 'node:fs/promises';
import type { BuildPlan, Wheelhouse } from './model.ts';
import { isNative, nativeFile } from './wheelFile.ts';

/** Whether anything in it is bound to a machine: a wheel of one platform, or a library in a wheel or in a packed folder. */
export async function isCompiled({ source }: BuildPlan, wheelhouse: Wheelhouse): Promise<boolean> {
  const { project, dependencies, sources } = wheelhouse;
  for (const { path } of project === null ? dependencies : [project, ...dependencies]) {
    if (!path.endsWith('-any.whl') || (await nativeFile(path)) !== null) return true;
  }
  if (source.kind !== 'folder' || sources === null) return false;
  return (await readdir(sources.folder, { recursive: true })).some(isNative);
}

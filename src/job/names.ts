import { join } from 'node:path';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import type { Settings } from '../settings/settings.ts';
import { shownPath } from './paths.ts';

export const UNLOCKED = 'unlocked';

/** Nothing is unlocked where there is nothing to lock. */
export function lockInWords({ lock }: BuildPlan, { dependencies }: Wheelhouse, cwd: string): string {
  if (lock.kind !== 'unlocked') return shownPath(lock.path, cwd);
  return dependencies.length === 0 ? 'no dependencies' : UNLOCKED;
}

/** The first layout's file has the plain name, any other a folder of its own. */
export function artifactPath(settings: Settings, layout: 'venv' | 'zipapp', name: string): string {
  const folder = settings.layouts[0] === layout ? settings.output : join(settings.output, layout);
  return join(folder, `${name}.pex`);
}

export function executableName(plan: BuildPlan): string {
  const { entry } = plan;
  if (entry.kind === 'script') return entry.name;
  if (plan.distribution !== null) return plan.distribution;
  const last =
    entryName(entry)
      .split(/[/:]/)
      .find((part) => part !== '') ?? 'program';
  return last.replace(/\.py$/, '').replaceAll(/[^\w.-]/g, '_');
}

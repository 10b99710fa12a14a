import { join } from 'node:path';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import type { BuiltLayout } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import { shownPath } from './paths.ts';

export const UNLOCKED = 'unlocked';

/** Nothing is unlocked where there is nothing to lock. */
export function lockInWords({ lock }: BuildPlan, { dependencies }: Wheelhouse, cwd: string): string {
  if (lock.kind !== 'unlocked') return shownPath(lock.path, cwd);
  return dependencies.length === 0 ? 'no dependencies' : UNLOCKED;
}

/**
 * The file of the first layout lies in `output` itself, any other in a folder of its own. So does one without an ending,
 * which might have the name of something else that lies in `output`.
 */
export function artifactPath(
  { layouts, output }: Pick<Settings, 'layouts' | 'output'>,
  ending: string,
  layout: BuiltLayout,
  name: string,
): string {
  const plain = layouts[0] === layout && ending !== '';
  return join(plain ? output : join(output, layout), `${name}${ending}`);
}

/** A layout that is a folder; no builder has two. */
export function layoutFolder({ output }: Pick<Settings, 'output'>): string {
  return join(output, 'layout');
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

import type { BuildPlan, Entry, Wheelhouse } from '../build/model.ts';
import { wheelRecord } from '../build/wheelFile.ts';
import { type CacheKey, cacheKey } from '../cache/key.ts';
import { thisPlatform } from '../cache/thisPlatform.ts';

/** What is in the layout, by content: the key of a build that has its wheels. */
export async function layoutKey(
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  options: { readonly soabi: string; readonly suffix: string | null; readonly compression: string },
): Promise<CacheKey> {
  const { project, dependencies, sources } = wheelhouse;
  const wheels = [...dependencies, ...(project === null ? [] : [project])];
  const { implementation, version } = plan.interpreter;
  return cacheKey({
    name: plan.distribution ?? plan.requirement[0] ?? entryName(plan.entry),
    projectRecord: project === null ? null : await wheelRecord(project.path),
    projectFiles: sources === null || sources.sha256 === null ? [] : [{ path: '.', sha256: sources.sha256 }],
    dependencies: dependencies.map(({ name, sha256 }) => ({ name, sha256 })),
    wheels: wheels.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
    python: { implementation, version, soabi: options.soabi },
    platform: thisPlatform(),
    builder: { ...plan.builder, entry: `${plan.entry.kind} ${entryName(plan.entry)}`, layout: 'venv' },
    suffix: options.suffix,
    compression: options.compression,
  });
}

/** What a user would call it: the script, `module:function`, the file or the module. */
export function entryName(entry: Entry): string {
  switch (entry.kind) {
    case 'script':
    case 'module':
      return entry.name;
    case 'function':
      return entry.target;
    case 'file':
      return entry.path;
  }
}

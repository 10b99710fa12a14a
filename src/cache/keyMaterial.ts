import { basename } from 'node:path';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { wheelRecord } from '../build/wheelFile.ts';
import { machine } from '../toolchain/machine.ts';
import type { KeyMaterial } from './key.ts';

export interface MaterialOptions {
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly layout: 'venv' | 'zipapp';
  /** `cache-suffix` of the settings. */
  readonly suffix: string | null;
  /** Of the store. */
  readonly compression: string;
}

/** Gathers what a layout's key is made of, once its wheels are there. */
export async function keyMaterial(options: MaterialOptions): Promise<KeyMaterial> {
  const { plan, wheelhouse } = options;
  const { project, dependencies, sources } = wheelhouse;
  const wheels = project === null ? dependencies : [project, ...dependencies];
  const { implementation, version, soabi } = plan.interpreter;
  return {
    name: plan.distribution ?? plan.requirement[0] ?? entryName(plan.entry),
    projectRecord: project === null ? null : await wheelRecord(project.path),
    sources: sources?.sha256 ?? null,
    dependencies: dependencies.map(({ name, sha256 }) => ({ name, sha256 })),
    wheels: wheels.map(({ path }) => basename(path)),
    python: { implementation, version, soabi },
    platform: await machine(),
    builder: {
      ...plan.builder,
      entry: `${plan.entry.kind} ${entryName(plan.entry)}`,
      layout: options.layout,
    },
    suffix: options.suffix,
    compression: options.compression,
  };
}

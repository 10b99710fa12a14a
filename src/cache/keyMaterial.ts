import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as v from 'valibot';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { wheelRecord } from '../build/wheelFile.ts';
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
    platform: {
      os: process.platform,
      architecture: process.arch,
      libc: libc(),
      distribution: await distribution(),
    },
    builder: {
      ...plan.builder,
      entry: `${plan.entry.kind} ${entryName(plan.entry)}`,
      layout: options.layout,
    },
    suffix: options.suffix,
    compression: options.compression,
  };
}

const reportSchema = v.object({ header: v.object({ glibcVersionRuntime: v.optional(v.string()) }) });

/** Node's own C library is the machine's. */
function libc(): string | null {
  if (process.platform !== 'linux') return null;
  // Otherwise the report looks up the names of all peers, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = v.safeParse(reportSchema, process.report.getReport());
  const glibc = report.success ? report.output.header.glibcVersionRuntime : undefined;
  return glibc === undefined ? 'musl' : `glibc ${glibc}`;
}

/** `debian 12`; for systems without the file, what Node knows. */
async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (name: string): string =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? 'unknown';
  return text === '' ? process.platform : `${value('ID')} ${value('VERSION_ID')}`;
}

import { basename } from 'node:path';
import { argumentFiles } from '../build/argumentFiles.ts';
import { builderOf } from '../build/builders.ts';
import { entryName } from '../build/entryName.ts';
import type { BuildPlan, Wheel, Wheelhouse } from '../build/model.ts';
import { requirementName } from '../build/requirements.ts';
import { executableFiles, wheelRecord } from '../build/wheelFile.ts';
import { carriesPython } from '../layout/manifest.ts';
import { normaliseName } from '../packageIndex/wheelName.ts';
import type { BuiltLayout } from '../report/model.ts';
import { maskCredentials } from '../toolchain/exec.ts';
import { machine } from '../toolchain/machine.ts';
import { interpreterBuild } from '../toolchain/probeInterpreter.ts';
import type { KeyMaterial } from './key.ts';

export interface MaterialOptions {
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly layout: BuiltLayout;
  /** `cache-suffix` of the settings. */
  readonly suffix: string | null;
  /** Of the store. */
  readonly compression: string;
}

/** Gathers what a layout's key is made of, once its wheels are there. */
export async function keyMaterial(options: MaterialOptions): Promise<KeyMaterial> {
  const { plan, wheelhouse, layout } = options;
  const { project, dependencies, sources } = wheelhouse;
  const wheels = project === null ? dependencies : [project, ...dependencies];
  const { implementation, version, soabi } = plan.interpreter;
  return {
    // Of a requirement its name alone: the rest of it may be a path of this machine.
    name: plan.distribution ?? requirementName(plan.requirement[0] ?? '') ?? entryName(plan.entry),
    projectRecord: project === null ? null : await contentOf(project),
    sources: sources?.sha256 ?? null,
    dependencies: dependencies.map(({ name, sha256 }) => ({ name, sha256 })),
    asked: [
      ...plan.requirement.map((line) => normaliseName(requirementName(line) ?? '')),
      ...plan.extras.map((extra) => `[${normaliseName(extra)}]`),
    ],
    wheels: wheels.map(({ path }) => basename(path)),
    python: {
      implementation,
      version,
      soabi,
      build: carriesPython(layout) ? await interpreterBuild(plan.interpreter.path) : null,
    },
    platform: await machine(),
    builder: {
      name: plan.builder.name,
      version: versionOf(plan.builder),
      // They are printed; an address is the same with another password.
      args: [
        ...plan.builder.args.map(maskCredentials),
        ...(await argumentFiles(plan.builder.args, startOfPaths(options))),
      ],
      entry: `${plan.entry.kind} ${entryName(plan.entry)}`,
      layout,
    },
    suffix: options.suffix,
    compression: options.compression,
  };
}

/** PyInstaller runs in the clean copy of the project, the others where no file of the user's is. */
function startOfPaths({ plan, wheelhouse }: MaterialOptions): string | null {
  return plan.builder.name === 'pyinstaller' ? (wheelhouse.sources?.folder ?? null) : null;
}

/** The very packager: what an index gives under a version is not known here, nor is what it needs beside itself. */
function versionOf({ name, version, sha256 }: BuildPlan['builder']): string {
  const more = [builderOf(name).needs(), sha256].filter((part) => part !== null);
  return [version, ...more].join('+');
}

/** Its RECORD, which is the same whenever it is built, and what it doesn't tell; the bytes of a wheel whose backend leaves hashes out of it. */
async function contentOf({ path, sha256 }: Wheel): Promise<string> {
  const record = await wheelRecord(path);
  const files = record.split(/\r?\n/).filter((line) => line !== '' && !/\.dist-info\/RECORD\b/.test(line));
  const says = files.length > 0 && files.every((line) => /,sha\d+=[\w-]+=*,\d*$/.test(line));
  if (!says) return sha256;
  const executable = await executableFiles(path);
  return executable.length === 0
    ? record
    : `${record}\n${executable.map((name) => `${name},executable\n`).join('')}`;
}

import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Cache } from '../cache/openStore.ts';
import type { PrivatePip, ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import type { CleanCopy } from './cleanCopy.ts';
import type { BuildPlan, Wheel } from './model.ts';
import { describeWheel } from './wheelFile.ts';
import { normaliseWheelModes } from './wheelModes.ts';

/** All of a plan but the entry point, which may only be told by the wheels. */
export type WheelPlan = Omit<BuildPlan, 'entry' | 'ready'>;

/** Where the wheels of one build are made, and what with. */
export interface Workshop {
  readonly plan: WheelPlan;
  readonly context: ToolContext;
  readonly pip: PrivatePip;
  readonly env: Readonly<Record<string, string>>;
  /** Where all wheels come together. */
  readonly folder: string;
  readonly copy: CleanCopy | null;
  readonly cache: Cache | null;
}

/** `pip wheel`; `what` completes "… failed", which is thrown as a build problem. */
export async function pipWheel(
  workshop: Workshop,
  args: readonly string[],
  into: string,
  what: string,
  extra: Readonly<Record<string, string>> = {},
  onStart: () => void = () => {},
): Promise<void> {
  const { plan, context, pip, env } = workshop;
  await mustRun(
    {
      tool: plan.interpreter.path,
      args: ['-I', pip.path, 'wheel', '--wheel-dir', into, ...args],
      env: { ...env, ...extra },
      cwd: pipFolder(workshop),
      onStart,
    },
    context,
    what,
  );
}

/** Where pip runs. */
export function pipFolder({ copy, context }: Workshop): string {
  return copy?.project ?? context.work;
}

/** Paths in a requirements file are relative to where pip runs, which is the clean copy. */
export function pathInCopy(workshop: Workshop, path: string): string {
  const { copy } = workshop;
  if (copy === null) return path;
  const inside = relative(copy.original, path);
  const copied = join(copy.root, inside);
  return !inside.startsWith('..') && existsSync(copied) ? copied : path;
}

/** Every wheel in a folder, by name; what is `known` of one is not read again. */
export async function describeAll(folder: string, known: readonly Wheel[] = []): Promise<Wheel[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort();
  const described = new Map(known.map((wheel) => [wheel.path, wheel]));
  return await Promise.all(
    names.map((name) => described.get(join(folder, name)) ?? describeWheel(join(folder, name))),
  );
}

/**
 * Moves the wheels that pip has put into `part` to where all come together. Whatever is not `ready`, byte for byte a file
 * that is known, loses the modes that the umask gave it: before anything is kept or hashed, so that two machines agree.
 */
export async function moveWheels(
  part: string,
  { folder }: Workshop,
  ready: ReadonlySet<string> = new Set(),
): Promise<Wheel[]> {
  const moved: Wheel[] = [];
  for (const wheel of await describeAll(part)) {
    const path = join(folder, basename(wheel.path));
    const hasChanged = !ready.has(wheel.sha256) && (await normaliseWheelModes(wheel.path));
    await rename(wheel.path, path);
    moved.push(hasChanged ? await describeWheel(path) : { ...wheel, path });
  }
  return moved;
}

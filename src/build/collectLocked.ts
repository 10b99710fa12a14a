import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { machine } from '../toolchain/machine.ts';
import { bridge } from './lockedIndexes.ts';
import { lockedWheels } from './lockedWheels.ts';
import type { LockLines } from './lockLines.ts';
import type { Lock, Wheel } from './model.ts';
import { bendingPipSettings } from './plainPip.ts';
import { type ExportedLock, fromPylock } from './pylock.ts';
import { readToml } from './pyproject.ts';
import { readyMade } from './readyMade.ts';
import { exportUvLock } from './uvLock.ts';
import { moveWheels, pathInCopy, pipWheel, type Workshop } from './workshop.ts';

export interface Locked {
  /** The ready-made ones and those from sdists; not what the lock has as folders. */
  readonly wheels: readonly Wheel[];
  /** Names of those that an earlier job has built. */
  readonly reused: readonly string[];
}

/** Puts the wheels of a lock with hashes into the folder. `onStart` is called once pip is at it. */
export async function fromLock(
  workshop: Workshop,
  lock: Exclude<Lock, { kind: 'unlocked' }>,
  onStart: () => void,
): Promise<Locked> {
  const { plan, context, folder, cache } = workshop;
  const exported = await exportLock(workshop, lock);
  const locked = lockedWheels({
    hashed: exported.hashed,
    bound: await boundTo(workshop),
    label: plan.distribution ?? 'folder',
    cache,
    context,
  });
  const { wheels: taken, left, built } = await locked.take(folder);
  const wheels: Wheel[] = [];
  if (left.requirements.length > 0) {
    const indexes = await bridge(workshop, lock, exported);
    const ready = await readyMade(workshop, left, { indexes, have: locked.have, onStart });
    wheels.push(...ready.wheels);
    wheels.push(...(await byPip(workshop, ready.left, { indexes, named: locked.named, onStart })));
  }
  await locked.keep(wheels);
  const part = join(context.work, 'local');
  for (const requirement of exported.local) {
    await rm(part, { recursive: true, force: true });
    await pipWheel(workshop, ['--no-deps', requirement], part, `Building ${requirement}`);
    await moveWheels(part, workshop);
  }
  return { wheels: [...taken, ...wheels], reused: built };
}

/** What has to be built, and what an index has in a way that only pip knows. */
async function byPip(
  workshop: Workshop,
  { options, requirements }: LockLines,
  {
    indexes,
    named,
    onStart,
  }: {
    readonly indexes: Readonly<Record<string, string>>;
    readonly named: ReadonlySet<string>;
    readonly onStart: () => void;
  },
): Promise<readonly Wheel[]> {
  if (requirements.length === 0) return [];
  const part = join(workshop.context.work, 'locked');
  await rm(part, { recursive: true, force: true });
  const file = join(workshop.context.work, 'locked.txt');
  await writeFile(file, `${[...options, ...requirements.map(({ text }) => text)].join('\n')}\n`);
  const args = ['--no-deps', '--require-hashes', '-r', file];
  await pipWheel(workshop, args, part, 'Collecting the locked dependencies', indexes, onStart);
  return moveWheels(part, workshop, named);
}

/** A wheel that was built here fits this Python and system, and what it was told to be built with. */
async function boundTo({ plan, context }: Workshop): Promise<readonly string[]> {
  const { implementation, version, soabi, platform, path } = plan.interpreter;
  const files = Object.fromEntries(Object.entries(context.env).filter(([name]) => !isPipOption(name)));
  const bent = bendingPipSettings(files, dirname(dirname(path)));
  return [
    ...[implementation, version, soabi, platform],
    ...Object.values(await machine()).map(String),
    ...BENDING.flatMap((name) => (context.env[name] ? [`${name}=${context.env[name]}`] : [])),
    // What a pip.conf says weighs as much as a variable.
    ...(bent === null ? [] : [bent]),
  ];
}

/** It has a row among those below, where it counts. */
const isPipOption = (name: string): boolean => name.startsWith('PIP_') && name !== 'PIP_CONFIG_FILE';

/** Variables that decide whether, and how, a wheel is built from an sdist. */
const BENDING = [
  ...['PIP_NO_BINARY', 'PIP_ONLY_BINARY', 'PIP_CONFIG_SETTINGS', 'PIP_GLOBAL_OPTION', 'PIP_BUILD_OPTION'],
  ...['PIP_CONSTRAINT', 'PIP_BUILD_CONSTRAINT'],
  ...['CC', 'CXX', 'LD', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS', 'RUSTFLAGS', 'ARCHFLAGS'],
  ...['CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH', 'LIBRARY_PATH', 'PKG_CONFIG_PATH'],
  ...['CMAKE_ARGS', 'CMAKE_GENERATOR', 'CMAKE_PREFIX_PATH', 'SKBUILD_CMAKE_ARGS', 'CARGO_BUILD_TARGET'],
  'MACOSX_DEPLOYMENT_TARGET',
];

async function exportLock(
  workshop: Workshop,
  lock: Exclude<Lock, { kind: 'unlocked' }>,
): Promise<ExportedLock> {
  const { plan, context, copy } = workshop;
  if (lock.kind === 'uv') {
    const project = copy?.project ?? dirname(lock.path);
    const root = dirname(pathInCopy(workshop, lock.path));
    const { extras, interpreter } = plan;
    return await exportUvLock({ project, lock: lock.path, root, extras, interpreter }, context);
  }
  if (lock.kind === 'pylock') return fromPylock(readToml(lock.path), plan.extras, plan.distribution);
  return { hashed: [await readFile(lock.path, 'utf8')], local: [], indexes: [] };
}

import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheLabel } from '../cache/label.ts';
import type { Cache } from '../cache/openStore.ts';
import { plural } from '../report/text.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { cacheRoot } from '../toolchain/paths.ts';
import { isBuiltHere, type LockLines, linesOf, lockLines } from './lockLines.ts';
import type { Wheel } from './model.ts';
import { storeKey, wheelStore } from './store.ts';
import { type PackedWheel, packWheels, unpackWheels } from './wheelTar.ts';

export interface LockedOptions {
  /** Requirements that all carry hashes, as files or lines. */
  readonly hashed: readonly string[];
  /** What compiled code is bound to, and what bends a build. */
  readonly bound: readonly string[];
  /** What the entries are about: the distribution's name. */
  readonly label: string;
  /** Null keeps to the wheels of this machine. */
  readonly cache: Cache | null;
  readonly context: ToolContext;
}

/** The wheels of one lock that an earlier job collected. Whatever goes wrong with them, they are collected anew. */
export interface LockedWheels {
  /** The hashes in the lock: a wheel that has none of them was built here. */
  readonly named: ReadonlySet<string>;
  /** Puts what there is into `folder`. */
  take(folder: string): Promise<Taken>;
  /** Puts a ready-made wheel of another lock, or of an older one, at `path`. False where it is not here. */
  have(file: { readonly sha256: string }, path: string): Promise<boolean>;
  /** Keeps what was collected since, and those built from sdists for other machines, too. */
  keep(collected: readonly Wheel[]): Promise<void>;
}

export interface Taken {
  /** What was put there. */
  readonly wheels: readonly Wheel[];
  /** What is still to be collected. */
  readonly left: LockLines;
  /** Names of those that were built from sdists. */
  readonly built: readonly string[];
}

/** Raised whenever what is packed, or how, changes. */
const FORMAT = 2;

export function lockedWheels({ hashed, bound, label, cache, context }: LockedOptions): LockedWheels {
  const { log, env, work } = context;
  const lines = lockLines(hashed);
  const all = lines.requirements.map(({ text }) => text);
  const local = wheelStore(cacheRoot(env));
  const localKey = storeKey([String(FORMAT), ...lines.options, ...[...all].sort(), ...bound]);
  const head = `exitproof-wheels-${FORMAT}-${cacheLabel(label)}-${storeKey([...lines.options, ...bound]).slice(0, 12)}.`;
  const key = `${head}${storeKey(lines.requirements.map(({ digest }) => digest).sort()).slice(0, 32)}`;
  let taken: readonly PackedWheel[] = [];
  let isEntryWhole = false;
  let isHere = false;

  /** The wheels of the very lock, all of them; none where the cache may not be read and one was built here. */
  const fromHere = async (folder: string): Promise<readonly Wheel[] | null> => {
    const wheels = await local.take(localKey, folder);
    if (wheels === null || cache === null || cache.policy.read) return wheels;
    // A ready-made one is what the lock says, whoever has kept it.
    if (!wheels.some((wheel) => isBuiltHere(lines, wheel))) return wheels;
    for (const { path } of wheels) await rm(path, { force: true });
    return null;
  };

  /** Wheels that were built for lines of this lock, by a job that had it or an older one. */
  const fromCache = async (folder: string): Promise<readonly PackedWheel[]> => {
    if (cache === null || !cache.policy.read || lines.requirements.length === 0) return [];
    const part = join(work, 'built');
    const found = await cache.wheels.find(key, [head]);
    if (found.result === 'denied') log.info(`cache: ${found.reason}`);
    const wanted = new Set(lines.requirements.map(({ digest }) => digest));
    const corrupt = (as: string, reason: string): readonly PackedWheel[] => {
      cache.wheels.reject(as);
      log.warning(`the cached wheels are not what was saved, and are built anew: ${reason}`);
      return [];
    };
    const load = async (file: string, as: string): Promise<readonly PackedWheel[]> => {
      try {
        await rm(part, { recursive: true, force: true });
        await mkdir(part, { recursive: true });
        const wheels = await unpackWheels(file, part, (line) => wanted.has(line));
        for (const { path } of wheels) await rename(path, join(folder, basename(path)));
        return wheels.map((wheel) => ({ ...wheel, path: join(folder, basename(wheel.path)) }));
      } catch (error) {
        return corrupt(as, error instanceof Error ? error.message : String(error));
      } finally {
        await rm(file, { force: true });
        await rm(part, { recursive: true, force: true });
      }
    };
    if (found.result === 'corrupt') return corrupt(found.key, found.reason);
    if (found.result === 'hit') {
      const wheels = await load(found.file, found.key);
      isEntryWhole = wheels.length > 0;
      return wheels;
    }
    if (found.result !== 'miss' || found.nearest === null) return [];
    const nearest = await cache.wheels.find(found.nearest);
    return nearest.result === 'hit' ? await load(nearest.file, nearest.key) : [];
  };

  return {
    named: new Set(lines.requirements.flatMap(({ sha256 }) => sha256)),

    take: async (folder) => {
      const here = await fromHere(folder);
      if (here !== null) {
        isHere = true;
        log.debug(`${plural(here.length, 'wheel')} taken from the local store`);
        const built = namesOf(here.filter((wheel) => isBuiltHere(lines, wheel)));
        return { wheels: here, left: { options: lines.options, requirements: [] }, built };
      }
      taken = await fromCache(folder);
      if (taken.length > 0) log.info(`built before, from sdists: ${namesOf(taken).join(', ')}`);
      const done = new Set(taken.map(({ line }) => line));
      const requirements = lines.requirements.filter(({ digest }) => !done.has(digest));
      return { wheels: taken, left: { options: lines.options, requirements }, built: namesOf(taken) };
    },

    have: ({ sha256 }, path) => local.one(sha256, path),

    keep: async (collected) => {
      if (isHere || taken.length + collected.length === 0) return;
      const built = collected.filter((wheel) => isBuiltHere(lines, wheel));
      const mayWrite = cache === null || cache.policy.write;
      if (mayWrite || built.length + taken.length === 0) {
        // A full disk there costs the next build time, and this one nothing.
        await local
          .keep(localKey, [...taken, ...collected])
          .catch((error: unknown) => log.debug(`not kept: ${String(error)}`));
      }
      const packed = [...taken, ...built.map((wheel) => ({ ...wheel, line: lineOf(lines, wheel) }))];
      if (cache === null || !mayWrite || packed.length === 0) return;
      if (isEntryWhole && built.length === 0) return;
      const refusal = cache.wheels.refusal();
      if (refusal !== null) return log.info(`cache: wheels not saved: ${refusal}`);
      try {
        await packWheels(packed, cache.wheels.file);
        const { reason } = await cache.wheels.save(key);
        log.info(`cache: ${plural(packed.length, 'wheel')} built from sdists: ${reason}`);
      } catch (error) {
        log.info(`cache: wheels not saved: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        await rm(cache.wheels.file, { force: true }).catch(() => {});
      }
    },
  };
}

function lineOf(lines: LockLines, { path }: Wheel): string {
  return linesOf(lines, path)[0]?.digest ?? '';
}

function namesOf(wheels: readonly Wheel[]): string[] {
  return wheels.map(({ name }) => name).sort();
}

import { rm } from 'node:fs/promises';
import * as v from 'valibot';
import { freeze } from '../layout/frozen/freeze.ts';
import type { Thawed } from '../layout/frozen/thawed.ts';
import { readRecord } from '../layout/frozen/unpack.ts';
import { baseInterpreter } from '../layout/interpreter.ts';
import type { FrozenLayout } from '../layout/manifest.ts';
import type { Log } from '../log.ts';
import type { TeardownTimes } from '../report/baseline.ts';
import type { CacheRecord, CacheResult } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { type CacheKey, changedParts } from './key.ts';
import type { Cache } from './openStore.ts';
import type { EntryStore } from './store.ts';
import { thawFile } from './thawFile.ts';

export interface RestoredLayout {
  readonly thawed: Thawed;
  /** The file that the layout was made from, in its place; null for a layout that is all there is. */
  readonly artifact: { readonly path: string; readonly sha256: string } | null;
}

export interface RestoreOptions {
  readonly cache: Cache;
  readonly key: CacheKey;
  readonly destination: string;
  /** Where the file goes that the layout was made from; null for a layout that is all there is. */
  readonly artifact: string | null;
  /** The executable of the interpreter that is to run the layout. */
  readonly python: string;
  readonly context: Pick<ToolContext, 'log' | 'env' | 'cancel'>;
  /** Names of wheels that were built before: with them a miss is a part of a hit. */
  readonly reused: readonly string[];
  /** Whether the nearest entry is worth loading for its teardown times, where there is no hit. */
  readonly wantsTeardown: boolean;
}

export interface Restored {
  readonly record: CacheRecord;
  /** Present for a hit: verified, and in its place. */
  readonly layout: RestoredLayout | null;
  /** Of the last good run that is known, of this very layout or the nearest one; null where there is none. */
  readonly teardown: TeardownTimes | null;
}

/** What belongs to a check and not to its layout. */
export interface CheckRecord {
  /** When the layout passed; ISO 8601, UTC. */
  readonly checked: string;
  readonly teardown: TeardownTimes;
}

/** Looks for a checked layout and puts it in place. Whatever goes wrong in the cache is a result, never an error. */
export async function restoreLayout(options: RestoreOptions): Promise<Restored> {
  const { cache, key, context } = options;
  const outcome = (result: CacheResult, reason: string, as = key.key): Restored => {
    const record = { result, reason, key: as, parts: key.parts, saved: false };
    return { record, layout: null, teardown: null };
  };
  const corrupt = (reason: string, as: string): Restored => {
    cache.store.reject(as);
    context.log.warning(`the cached layout is not what was saved, and is built anew: ${reason}`);
    return outcome('corrupt', reason);
  };
  if (!cache.policy.read) return outcome('off', cache.policy.reason ?? 'the cache is off');
  const found = await cache.store.find(key.key, key.prefixes);
  if (found.result === 'denied') return outcome('denied', found.reason);
  if (found.result === 'corrupt') return corrupt(found.reason, found.key);
  if (found.result === 'miss') {
    const { nearest } = found;
    const why = missReason(key, nearest, found.reason);
    const { reused } = options;
    const missed =
      reused.length === 0
        ? outcome('miss', why)
        : outcome('partial', `${why}; built before, from sdists: ${reused.join(', ')}`);
    if (nearest === null || !options.wantsTeardown) return missed;
    return { ...missed, teardown: await teardownOf(cache.store, nearest, context.log) };
  }
  // It starts while what lies there is read.
  const interpreter = baseInterpreter(options.python, context);
  interpreter.catch(() => {});
  const { destination, artifact } = options;
  const thawed = await thawFile({
    file: found.file,
    form: 'cache',
    interpreter: () => interpreter,
    destination,
    artifact,
    // What has been transferred for this job alone is proven to be whole, too.
    mayStay: cache.store.kind === 'directory',
    memory: { env: context.env, write: cache.policy.write },
    ...(context.cancel && { cancel: context.cancel }),
  });
  await rm(found.file, { force: true });
  if (thawed.kind === 'unfit') {
    cache.store.reject(found.key);
    return outcome('miss', thawed.reason);
  }
  if (thawed.kind === 'no-room') return outcome('denied', thawed.reason);
  const check = thawed.kind === 'corrupt' ? null : v.safeParse(checkSchema, thawed.record);
  const made = thawed.kind === 'corrupt' ? null : artifactOf(thawed);
  const lacks = artifact !== null && made === null;
  if (thawed.kind === 'corrupt' || check?.success !== true || lacks) {
    const fault = lacks ? 'it names no artifact' : 'the record of the check has another form';
    return corrupt(thawed.kind === 'corrupt' ? thawed.reason : fault, found.key);
  }
  const { exitproof } = thawed.layout.info;
  const { record } = outcome('hit', `checked ${check.output.checked} with exitproof ${exitproof}`, found.key);
  const layout = { thawed, artifact: made };
  return { record, layout, teardown: check.output.teardown };
}

function artifactOf({ artifact, layout }: Thawed): RestoredLayout['artifact'] {
  const sha256 = layout.info.artifact?.sha256;
  return artifact === null || sha256 === undefined ? null : { path: artifact, sha256 };
}

/** For a comparison alone: whatever is wrong with the entry, there is none. */
async function teardownOf(store: EntryStore, key: string, log: Log): Promise<TeardownTimes | null> {
  const found = await store.find(key);
  if (found.result !== 'hit') return null;
  try {
    const check = v.safeParse(checkSchema, await readRecord(found.file));
    return check.success ? check.output.teardown : null;
  } catch (error) {
    log.debug(`no teardown times of ${key}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  } finally {
    await rm(found.file, { force: true });
  }
}

/** "part changed: project", where another entry of the same program is there to compare with. */
function missReason(key: CacheKey, nearest: string | null, plain: string): string {
  const changed = nearest === null ? null : changedParts(key, nearest);
  if (changed === null || changed.length === 0) return plain;
  return `${changed.length === 1 ? 'part' : 'parts'} changed: ${changed.join(', ')}`;
}

export interface SaveOptions {
  readonly cache: Cache;
  /** As `restoreLayout` gave it. */
  readonly record: CacheRecord;
  readonly folder: string;
  readonly layout: FrozenLayout;
  /** The file that `layout.info.artifact` names. */
  readonly artifact: string | null;
  readonly check: CheckRecord;
  readonly cancel?: AbortSignal;
  readonly log: Log;
}

/** Stores a layout that passed. Returns the record with what became of it. */
export async function saveLayout(options: SaveOptions): Promise<CacheRecord> {
  const { cache, record, layout, log } = options;
  const not = (reason: string): CacheRecord => {
    log.info(`cache: ${reason}`);
    return { ...record, saved: false };
  };
  if (record.result === 'hit') return record;
  if (!cache.policy.write) return not(`not saved: ${cache.policy.reason ?? 'the cache is off'}`);
  if (layout.info.verdict !== 'passed') return not(`not saved: the verdict is ${layout.info.verdict}`);
  const refusal = cache.store.refusal();
  if (refusal !== null) return not(`not saved: ${refusal}`);
  const { folder, artifact, check, cancel } = options;
  const file = cache.store.file;
  try {
    await freeze({ folder, layout, artifact, record: check, file, ...(cancel && { cancel }) });
    const saved = await cache.store.save(record.key);
    log.info(`cache: ${saved.reason}`);
    return { ...record, saved: saved.saved, key: saved.key };
  } catch (error) {
    return not(`not saved: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(file, { force: true });
  }
}

const milliseconds = v.exactOptional(v.pipe(v.number(), v.minValue(0)));
const teardownSchema = v.record(
  v.string(),
  v.object({
    'threading-shutdown': milliseconds,
    atexit: milliseconds,
    finalization: milliseconds,
    'native-exit': milliseconds,
  }),
);
/** An entry of another version may have no times, or others. */
const checkSchema = v.object({ checked: v.string(), teardown: v.fallback(v.nullable(teardownSchema), null) });

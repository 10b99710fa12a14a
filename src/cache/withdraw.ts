import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cancelledBy } from '../cancel.ts';
import type { Log } from '../log.ts';
import { type CacheRecord, VERDICTS, type Verdict } from '../report/model.ts';
import type { Cache } from './openStore.ts';
import { baseOf } from './version.ts';

/** No tar begins so. Nothing of it is shown as it stands. */
const MARK = 'exitproof: withdrawn, ';
const WRITTEN = new RegExp(`^${MARK}(${VERDICTS.join('|')}) at (\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,12}Z)\\n$`);

export interface WithdrawOptions {
  readonly cache: Cache;
  /** Of the hit. */
  readonly record: CacheRecord;
  /** What a later check of the layout came to. */
  readonly verdict: Verdict;
  readonly cancel: AbortSignal;
  readonly log: Pick<Log, 'notice'>;
}

/** The warning where an entry can't be withdrawn; `reason`: in words, or what was thrown. */
export function staysChecked(key: string, reason: unknown): string {
  const words = reason instanceof Error ? reason.message : String(reason);
  return `the cached layout, which passed before, stays in the cache as checked (${words}): delete ${key}`;
}

/**
 * Puts a mark in the place of an entry that passed once and has not passed now, so that no job takes it for checked. A
 * store that replaces nothing hands out the mark instead. Returns the warning where it can't be; never throws.
 */
export async function withdrawLayout(options: WithdrawOptions): Promise<string | null> {
  const { cache, record, verdict, cancel, log } = options;
  const { policy, store } = cache;
  const { key } = record;
  const stays = (reason: unknown): string => staysChecked(key, reason);
  if (!policy.write) return stays(policy.reason ?? 'this job writes nothing there');
  if (cancel.aborted) return stays(cancelledBy(cancel));
  const refusal = store.refusal();
  if (refusal !== null) return stays(refusal);
  try {
    store.reject(key);
    await mkdir(dirname(store.file), { recursive: true });
    // It may be a link to the entry.
    await rm(store.file, { force: true });
    await writeFile(store.file, `${MARK}${verdict} at ${new Date().toISOString()}\n`);
    const { saved, reason } = await store.save(baseOf(key));
    if (!saved) return stays(reason);
    log.notice('the cached layout, which passed before, is withdrawn: no later job gets it as checked');
    return null;
  } catch (error) {
    return stays(error);
  } finally {
    await rm(store.file, { force: true }).catch(() => {});
  }
}

/** Why nothing is to be had under the key that this file came from, in words; null where it is no mark. */
export async function withdrawal(file: string): Promise<string | null> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(128), 0, 128, 0);
    const [, verdict, time] = WRITTEN.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
    return verdict === undefined || time === undefined
      ? null
      : `the layout of this key passed once and was withdrawn: checked again on ${time}, it ${ENDED[verdict] ?? verdict}`;
  } finally {
    await handle.close();
  }
}

const ENDED: Readonly<Record<string, string>> = { 'not-started': 'did not start' };

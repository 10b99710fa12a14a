import { join } from 'node:path';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { cacheKey, type KeyPart } from '../cache/key.ts';
import { keyMaterial } from '../cache/keyMaterial.ts';
import { type Restored, restoreLayout } from '../cache/layoutCache.ts';
import { type Cache, openStore } from '../cache/openStore.ts';
import type { CacheRecord } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import type { Job } from './job.ts';
import { artifactPath, executableName } from './names.ts';

/** Where layouts are kept, what was there for this plan, and what its key is made of. */
export interface LookedUp {
  readonly store: Cache;
  readonly restored: Restored;
  readonly parts: readonly KeyPart[];
}

/** Looks for the checked layout of this very plan, where a venv layout is asked for. */
export async function lookUp(
  settings: Settings,
  plan: BuildPlan,
  wheelhouse: Wheelhouse,
  wantsTeardown: boolean,
  job: Job,
): Promise<LookedUp> {
  const { log, context } = job;
  const store = await openStore({
    choice: settings.cache,
    env: context.env,
    workspace: settings.cwd,
    work: job.work,
    log,
  });
  const suffix = settings.cacheSuffix;
  const { compression } = store.store;
  const key = cacheKey(await keyMaterial({ plan, wheelhouse, layout: 'venv', suffix, compression }));
  for (const { name, value } of key.parts) log.info(`${name}: ${value}`);
  log.debug(`key: ${key.key}`);
  const restored = settings.layouts.includes('venv')
    ? await restoreLayout({
        cache: store,
        key,
        destination: join(settings.output, 'layout'),
        artifact: artifactPath(settings, 'venv', executableName(plan)),
        python: plan.interpreter.path,
        context,
        wantsTeardown,
      })
    : { record: unusedCache(key), layout: null, teardown: null };
  log.info(`cache: ${restored.record.result} (${restored.record.reason})`);
  return { store, restored, parts: key.parts };
}

function unusedCache(key: { readonly key: string; readonly parts: readonly KeyPart[] }): CacheRecord {
  return {
    result: 'off',
    reason: 'only a venv layout is kept',
    key: key.key,
    parts: key.parts,
    saved: false,
  };
}

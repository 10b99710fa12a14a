import { join } from 'node:path';
import { builderOf } from '../build/builders.ts';
import { isOneFile } from '../build/layoutsOf.ts';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { cacheKey } from '../cache/key.ts';
import { keyMaterial } from '../cache/keyMaterial.ts';
import { type Restored, restoreLayout } from '../cache/layoutCache.ts';
import type { Cache } from '../cache/openStore.ts';
import { treeDigest } from '../layout/manifest.ts';
import { oneFileLayout, placeFile } from '../layout/oneFile.ts';
import type { BuiltLayout } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import type { Job } from './job.ts';
import { artifactPath, executableName, layoutFolder } from './names.ts';
import type { ShippedTree } from './shipped.ts';

export interface LookUpOptions {
  readonly settings: Settings;
  readonly plan: BuildPlan;
  readonly wheelhouse: Wheelhouse;
  readonly layout: BuiltLayout;
  readonly cache: Cache;
  /** Whether an older entry is asked how long its teardown took. */
  readonly wantsTeardown: boolean;
}

export interface LookedUp {
  readonly restored: Omit<Restored, 'layout'>;
  /** What was there for this plan, in its place. */
  readonly tree: ShippedTree | null;
}

/** Looks for the checked layout of this very plan. */
export async function lookUp(options: LookUpOptions, { log, context, work }: Job): Promise<LookedUp> {
  const { settings, plan, wheelhouse, layout, cache, wantsTeardown } = options;
  const suffix = settings.cacheSuffix;
  const { compression } = cache.store;
  const key = cacheKey(await keyMaterial({ plan, wheelhouse, layout, suffix, compression }));
  for (const { name, value } of key.parts) log.info(`${name}: ${value}`);
  log.debug(`key: ${key.key}`);
  const file = artifactPath(settings, builderOf(plan.builder.name).ending, layout, executableName(plan));
  const restored = await restoreLayout({
    cache,
    key,
    // A folder is moved into its place as a whole; one file lies among others there.
    destination: isOneFile(layout) ? join(work, 'restored', layout) : layoutFolder(settings),
    artifact: layout === 'venv' ? file : null,
    python: plan.interpreter.path,
    context,
    wantsTeardown,
    reused: wheelhouse.reused,
  });
  log.info(`cache: ${restored.record.result} (${restored.record.reason})`);
  return { restored, tree: restored.layout === null ? null : await placed(restored.layout, layout, file) };
}

async function placed(
  { thawed, artifact }: NonNullable<Restored['layout']>,
  layout: BuiltLayout,
  file: string,
): Promise<ShippedTree> {
  const { info, manifest } = thawed.layout;
  const shipped = { layout, added: [], restored: thawed.layout };
  if (isOneFile(layout)) {
    await placeFile(join(thawed.folder, info.executable), file);
    return { ...shipped, ...(await oneFileLayout(file)) };
  }
  const { folder, memory } = thawed;
  const { executable } = info;
  const whole = artifact ?? { path: folder, sha256: treeDigest(manifest) };
  return { ...shipped, folder, executable, manifest, artifact: whole, memory };
}

import { rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ownVersion } from '../assets.ts';
import { isCompiled } from '../build/compiled.ts';
import { isOneFile } from '../build/layoutsOf.ts';
import { saveLayout } from '../cache/layoutCache.ts';
import { staysChecked, withdrawLayout } from '../cache/withdraw.ts';
import { finishLayout } from '../layout/layout.ts';
import { carriesPython, type FrozenLayout } from '../layout/manifest.ts';
import { openMemory } from '../layout/memory/memory.ts';
import { remember } from '../layout/verify.ts';
import { teardownTimes } from '../report/baseline.ts';
import type { CacheRecord, Report, RunRecord } from '../report/model.ts';
import { worstRun } from '../report/worst.ts';
import type { Settings } from '../settings/settings.ts';
import { machine } from '../toolchain/machine.ts';
import type { Job } from './job.ts';
import { hasPassed } from './layouts.ts';
import type { Obtained, Product } from './obtain.ts';
import type { Checkout } from './smoke.ts';
import { smokeArchive } from './smokeArchive.ts';

interface Proof {
  readonly commit: string | null;
  readonly seen: Pick<Report, 'runs' | 'soak'>;
}

interface Packed {
  /** Of each product what may be kept as checked. */
  readonly layouts: readonly (FrozenLayout | null)[];
  readonly archive: Report['archive'];
}

/** Seals each layout that passed, and packs the first. */
export async function pack(
  { archive: format, output, cwd }: Settings,
  obtained: Obtained,
  { commit, seen }: Proof,
  job: Job,
): Promise<Packed> {
  const layouts: (FrozenLayout | null)[] = [];
  for (const product of obtained.products) {
    // Beside one that passed it may be another that doesn't: nobody is to restore it as checked.
    layouts.push(hasPassed(seen, product.layout) ? await sealed(product, obtained, commit, job) : null);
  }
  if (format === 'none') return { layouts, archive: null };
  const { packLayout } = await import('./pack.ts');
  const [layout = null] = layouts;
  return { layouts, archive: await packLayout({ format, obtained, layout, output, cwd, job }) };
}

/** The runs out of the archive, where they are asked for. One that did not pass is none that may be shipped. */
export async function prove(
  settings: Settings,
  obtained: Obtained,
  archive: string,
  checkout: Checkout | null,
  job: Job,
): Promise<readonly RunRecord[]> {
  if (settings.smokeOn !== 'archive') return [];
  const path = resolve(settings.cwd, archive);
  let isProven = false;
  try {
    const runs = await smokeArchive(settings, obtained, path, checkout, job);
    isProven = !job.cancel.aborted && runs.length > 0 && runs.every(({ verdict }) => verdict === 'passed');
    if (!isProven && !job.cancel.aborted) {
      job.log.warning(`what came out of the archive did not pass, so that is removed: ${archive}`);
    }
    return runs;
  } finally {
    // Given up, it is as unproven as one that failed.
    if (!isProven) for (const file of [path, `${path}.sha256`]) await rm(file, { force: true });
  }
}

async function sealed(
  { layout, tree }: Product,
  { plan, wheelhouse, build, store }: Obtained,
  commit: string | null,
  { context }: Job,
): Promise<FrozenLayout | null> {
  const { manifest, restored, artifact } = tree;
  if (manifest === null || restored !== null) return restored;
  const { implementation, version, soabi } = plan.interpreter;
  const isBound = carriesPython(layout) || (await isCompiled(plan, wheelhouse));
  const { os, architecture, libc } = await machine();
  const info = {
    exitproof: ownVersion(),
    commit,
    verdict: 'passed',
    entry: build.entry,
    layout,
    executable: tree.executable,
    interpreter: { implementation, version, soabi },
    platform: isBound ? { os, architecture, libc } : null,
    artifact: layout === 'venv' ? { name: basename(artifact.path), sha256: artifact.sha256 } : null,
  } as const;
  if (isOneFile(layout)) return { info, manifest };
  const { read, write } = store.policy;
  const kept = read ? { env: context.env, write } : null;
  return finishLayout(tree.folder, { info, manifest }, { added: tree.added, kept }, context);
}

/** Takes the entries back of what came from the cache and has not passed now. Returns warnings; never throws. */
export async function withdraw(
  { products, store }: Obtained,
  { runs }: Pick<Report, 'runs'>,
  job: Job,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const { cache, layout } of products) {
    const own = runs.filter((run) => run.layout === layout && run.verdict !== 'cancelled');
    const verdict = worstRun(own)?.verdict ?? 'passed';
    if (cache.result !== 'hit' || verdict === 'passed') continue;
    const warning = await job
      .cancellable(({ cancel, log }) => withdrawLayout({ cache: store, record: cache, verdict, cancel, log }))
      .catch((error: unknown) => staysChecked(cache.key, error));
    if (warning !== null) warnings.push(warning);
  }
  return warnings;
}

/** Saves what was sealed; what came from the cache lies there already. */
export async function keep(
  { products, store }: Obtained,
  layouts: readonly (FrozenLayout | null)[],
  seen: Pick<Report, 'runs' | 'soak'>,
  job: Job,
): Promise<CacheRecord> {
  const records: CacheRecord[] = [];
  for (const [index, { tree, cache, layout: name }] of products.entries()) {
    const layout = layouts[index] ?? null;
    if (layout === null || tree.restored !== null) {
      records.push(cache);
      continue;
    }
    const record = await job.log.stage('Keep the layout', async () => {
      const { folder } = tree;
      const place = isOneFile(name) ? null : { env: job.context.env, write: store.policy.write };
      const memory = openMemory(folder, place);
      const saved = await saveLayout({
        cache: store,
        record: cache,
        folder,
        layout,
        artifact: layout.info.artifact === null ? null : tree.artifact.path,
        check: { checked: new Date().toISOString(), teardown: teardownTimes(seen, name) },
        cancel: job.cancel,
        log: job.log,
      });
      // Every file of it was read for that, and was as the manifest says.
      if (saved.saved) await remember(folder, layout.manifest, memory);
      return saved;
    });
    records.push(record);
  }
  return records[0] ?? products[0].cache;
}

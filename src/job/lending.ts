import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Boot } from '../build/builder.ts';
import { isOneFile } from '../build/layoutsOf.ts';
import { type GivenBack, type Lent, lendFile, lendLayout } from '../layout/lend/lend.ts';
import { firstDifference } from '../layout/manifest.ts';
import type { BuiltLayout, Report } from '../report/model.ts';
import { plural } from '../report/text.ts';
import type { Job } from './job.ts';
import type { Obtained, Product } from './obtain.ts';
import type { ShippedTree } from './shipped.ts';

/** Gives products to the watch and takes them back, as they were. */
export interface Lending {
  /** Returns what the smoke runs start. */
  readonly lend: (product: Product) => Promise<Boot>;
  /**
   * Once nothing runs in any of them. One that the program has damaged is made anew, unless the job is cancelled: then
   * nothing lies in its place. So is every one where processes are at large that may have files of it open.
   */
  readonly takeBack: (obtained: Obtained, atLarge: readonly number[]) => Promise<TakenBack>;
}

export interface TakenBack {
  readonly obtained: Obtained;
  /** Why what lies there now is not what was watched; null where it is. */
  readonly failure: Report['failure'];
}

export function openLending(job: Job): Lending {
  const all = new Map<BuiltLayout, Lent>();
  return {
    lend: async ({ layout, tree, boot }) => {
      const { manifest } = tree;
      // A copy, where it takes one, is nothing to wait for.
      const lent = await job.interruptible(() =>
        isOneFile(layout) && manifest !== null
          ? lendFile({ ...tree, manifest })
          : lendLayout(tree, join(job.work, `watched-${layout}`)),
      );
      all.set(layout, lent);
      return { ...boot, folder: lent.folder, program: join(lent.folder, tree.executable) };
    },
    takeBack: async (obtained, atLarge) => {
      const lent = new Map(all);
      all.clear();
      const [shipped, ...others] = obtained.products;
      const first = await takeOneBack(shipped, lent.get(shipped.layout), atLarge, job);
      const products: [Product, ...Product[]] = [first.product];
      let { failure } = first;
      for (const product of others) {
        const taken = await takeOneBack(product, lent.get(product.layout), atLarge, job);
        products.push(taken.product);
        failure ??= taken.failure;
      }
      return { obtained: { ...obtained, products }, failure };
    },
  };
}

interface OneBack {
  readonly product: Product;
  readonly failure: Report['failure'];
}

async function takeOneBack(
  product: Product,
  lent: Lent | undefined,
  atLarge: readonly number[],
  job: Job,
): Promise<OneBack> {
  if (lent === undefined) return { product, failure: null };
  const [writer] = product.tree.manifest === null ? [] : atLarge;
  const back: GivenBack =
    writer === undefined
      ? await lent.giveBack()
      : { kind: 'damaged', reason: `process ${writer}, which could not be ended, may still write to it` };
  if (back.kind === 'whole') {
    tellLeft(back.added, job);
    return { product: { ...product, tree: { ...product.tree, added: back.added } }, failure: null };
  }
  const { reason } = back;
  if (job.cancel.aborted) return { product, failure: null };
  job.log.notice(`after its runs the layout is not what was built, and is made anew: ${reason}`);
  // Its name goes first: what is written now is another file than the one that somebody may have open.
  await rm(product.executable, { force: true });
  const fault = await madeAnew(product, job);
  if (fault === null) return { product, failure: null };
  return {
    product,
    failure: {
      message: `after its runs the layout is not what was built (${reason}), and could not be made anew: ${fault}`,
      hint: 'have the program write to a folder of its user; where it is installed it may not be allowed to',
    },
  };
}

/** Why what was made in the place of a damaged one is not the same, in words. */
async function madeAnew({ tree, again }: Product, job: Job): Promise<string | null> {
  try {
    const anew = await job.interruptible(again);
    return anew === null ? 'it is not in the cache any more' : otherThan(tree, anew);
  } catch (error) {
    if (job.cancel.aborted) return null;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Why one is not the other, in words. */
function otherThan(watched: ShippedTree, anew: ShippedTree): string | null {
  if (watched.artifact.sha256 !== anew.artifact.sha256) return 'another build gave other bytes';
  if (watched.manifest === null || anew.manifest === null) return 'it can no longer be moved';
  return firstDifference(watched.manifest, anew.manifest);
}

function tellLeft(added: readonly string[], { log }: Job): void {
  const left = added.filter((path) => !/(^|\/)__pycache__(\/|$)/.test(path));
  if (left.length === 0) return;
  log.info(
    `the program left ${plural(left.length, 'file')} in its own layout, which are removed: ${left[0]}`,
  );
}

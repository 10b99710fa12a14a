import type { Layout, Report, RunRecord } from './model.ts';
import { byVerdict } from './worst.ts';

/** Whether the run has a say in the verdict of the whole. */
export function doesCount({ counts }: Pick<RunRecord, 'counts'>): boolean {
  return counts !== false;
}

/** The runs that the verdict of the whole is of. */
export function judgedRuns({ verdict, runs }: Pick<Report, 'verdict' | 'runs'>): readonly RunRecord[] {
  const counting = runs.filter(doesCount);
  const isTold = (among: readonly RunRecord[]) => among.some((run) => run.verdict === verdict);
  // Of runs of several machines that ended alike one is kept: it may be of one where its layout did not count.
  return isTold(counting) || !isTold(runs) ? counting : runs;
}

/** What counts first, then worst first. */
export function byWeight(a: RunRecord, b: RunRecord): number {
  return Number(doesCount(b)) - Number(doesCount(a)) || byVerdict(a, b);
}

/** Layouts that were only tried, or are not shipped: none of their runs counts. */
export function layoutsBeside(runs: readonly RunRecord[]): readonly Layout[] {
  const layouts = new Set(runs.map(({ layout }) => layout));
  for (const run of runs) if (doesCount(run)) layouts.delete(run.layout);
  return [...layouts];
}

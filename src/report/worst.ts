import { type RunRecord, VERDICTS, type Verdict } from './model.ts';

/** Worst first, so that a list of runs can be sorted by it. */
export function byVerdict(a: { readonly verdict: Verdict }, b: { readonly verdict: Verdict }): number {
  return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict);
}

/** The first of the worst runs; null where nothing ran. It gives the whole its verdict, phase and cause. */
export function worstRun<Run extends Pick<RunRecord, 'verdict'>>(runs: readonly Run[]): Run | null {
  return runs.toSorted(byVerdict)[0] ?? null;
}

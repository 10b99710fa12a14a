import type { Settings } from '../settings/settings.ts';
import { cleanRunsFor } from './statistics.ts';

/** When a series of runs is long enough. */
export type Target =
  | { readonly kind: 'runs'; readonly runs: number }
  | { readonly kind: 'time'; readonly milliseconds: number };

/**
 * The target of each of so many series. A time is that of the whole soak and shared out; a shard does its part of a
 * count, but at least one run.
 */
export function targetOf({ soak, shard }: Pick<Settings, 'soak' | 'shard'>, series: number): Target {
  if (soak.kind === 'time') return { kind: 'time', milliseconds: soak.milliseconds / Math.max(1, series) };
  const all = soak.kind === 'runs' ? soak.runs : cleanRunsFor(soak.share);
  if (shard === null) return { kind: 'runs', runs: all };
  const { index, of } = shard;
  const part = Math.floor((all * index) / of) - Math.floor((all * (index - 1)) / of);
  return { kind: 'runs', runs: Math.max(1, part) };
}

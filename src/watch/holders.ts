import { type FileId, isGone, type Platform, type ProcessStat } from './platform.ts';
import type { StreamName } from './walk.ts';

export interface Holder {
  readonly stat: ProcessStat;
  readonly command: string;
  readonly holds: readonly StreamName[];
}

export type StreamFiles = Readonly<Record<StreamName, FileId>>;

/** Who else has the run's output open, wherever in the system. */
export function findHolders(platform: Platform, files: StreamFiles): Holder[] {
  const identities = [files.stdout, files.stderr];
  return platform.pids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const held = platform.holds(pid, identities);
    if (held.length === 0) return [];
    const stat = platform.stat(pid);
    if (isGone(stat)) return [];
    const holds = (['stdout', 'stderr'] as const).filter((stream) => held.includes(files[stream]));
    return [{ stat, command: platform.command(pid), holds }];
  });
}

/** Those that were there both times: one that is just about to end is no leak. */
export function heldOn(before: readonly Holder[], after: readonly Holder[]): Holder[] {
  return after.filter(({ stat }) =>
    before.some((other) => other.stat.pid === stat.pid && other.stat.startTime === stat.startTime),
  );
}

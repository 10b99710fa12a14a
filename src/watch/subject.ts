import type { Mark } from '../evidence/marks.ts';
import { isGone, type Platform, type ProcessStat } from './platform.ts';

export interface SubjectQuestion {
  readonly leader: number;
  readonly current: number;
  readonly marks: readonly Mark[];
  readonly members: readonly ProcessStat[];
  readonly platform: Platform;
}

/**
 * Whose phases count: the spawned process if it marks or is Python, else the one descendant that it waits for, be
 * that through a shell, `uv run`, or a one-file executable's unpacker.
 */
export function findSubject({ leader, current, marks, members, platform }: SubjectQuestion): number {
  const starts = marks.filter(({ name }) => name === 'start').map(({ pid }) => pid);
  if (starts.includes(leader)) return leader;
  const leaderStat = members.find(({ pid }) => pid === leader);
  if (leaderStat === undefined) {
    // All has gone: the marks are what is left to tell, the first of them for a program and its own children.
    return current === leader ? (starts[0] ?? leader) : current;
  }
  if (current !== leader && members.some((stat) => stat.pid === current && !isGone(stat))) return current;
  if (platform.isPython(leader) === true) return leader;
  return waitedFor(leaderStat, members, new Set(starts), platform) ?? leader;
}

function waitedFor(
  parent: ProcessStat,
  members: readonly ProcessStat[],
  starts: ReadonlySet<number>,
  platform: Platform,
): number | null {
  const children = members.filter((stat) => stat.parent === parent.pid && !isGone(stat));
  const python = children.filter(({ pid }) => starts.has(pid) || platform.isPython(pid) === true);
  const [only, ...more] = python.length > 0 ? python : children;
  if (only === undefined || more.length > 0) return null;
  return python.length > 0 ? only.pid : waitedFor(only, members, starts, platform);
}

import { isGone, type Platform, type ProcessStat } from './platform.ts';

/** Carried by every process of a run, unless it throws its environment away. */
export const COOKIE_VARIABLE = 'EXITPROOF_RUN';

/** One run's processes, as far as they have been seen. */
export interface Family {
  /** Ends with `;`, so that no cookie is the beginning of another. */
  readonly cookie: string;
  readonly members: Map<number, ProcessStat>;
  /**
   * Every session that a member was seen in, for its leader may be gone before the others, with that leader's start
   * time, or null where it had gone by then. Null where they share ours.
   */
  readonly sessions: Map<number, string | null> | null;
  /** Sessions that others live in too, exitproof's own among them: being in one makes nobody a member. */
  readonly shared: ReadonlySet<number>;
}

export interface Census {
  /**
   * `leader`: its first process, where that is known. `inOurSession`: its processes share exitproof's own, and are known
   * by cookie and lineage alone.
   */
  readonly found: (cookie: string, known?: { leader?: number; inOurSession?: boolean }) => Family;
  readonly forget: (family: Family) => void;
  /**
   * Looks at processes that were not there at the last look. `full`: at all that started since exitproof did.
   * `onMember` is called the moment that a process is known to be one of a family.
   */
  readonly look: (options?: {
    full?: boolean;
    onMember?: (family: Family, stat: ProcessStat) => void;
  }) => void;
}

/** Whose child is whose, kept up to date by looking at new processes only. */
export function openCensus(
  platform: Platform,
  { strangers: initial = platform.pids() }: { readonly strangers?: readonly number[] } = {},
): Census {
  const families = new Set<Family>();
  const self = platform.stat(process.pid);
  const above = ancestorsOf(process.pid, platform);
  // 0 is a session outside of this pid namespace.
  const shared = new Set([0, ...[...above].flatMap((pid) => platform.stat(pid)?.session ?? [])]);
  let strangers = new Set(initial);

  /** False where the number is another process's by now; one that has gone meanwhile is still the one that was meant. */
  const isStill = (pid: number, startTime: string | null | undefined) => {
    if (startTime === undefined) return false;
    const stat = platform.stat(pid);
    return stat === null || stat.startTime === startTime;
  };
  const familyOf = (stat: ProcessStat): Family | undefined => {
    const all = [...families];
    const byLineage = all.find(
      ({ members, sessions }) =>
        isStill(stat.parent, members.get(stat.parent)?.startTime) ||
        isStill(stat.session, sessions?.get(stat.session)),
    );
    if (byLineage !== undefined) return byLineage;
    const environment = platform.environment(stat.pid);
    return environment === null ? undefined : all.find(({ cookie }) => environment.includes(cookie));
  };

  return {
    found: (cookie, { leader, inOurSession = false } = {}) => {
      const stat = leader === undefined ? null : platform.stat(leader);
      const family: Family = {
        cookie,
        members: new Map(stat === null ? [] : [[stat.pid, stat]]),
        sessions: inOurSession
          ? null
          : new Map(leader === undefined ? [] : [[leader, stat?.startTime ?? null]]),
        shared,
      };
      families.add(family);
      return family;
    },
    forget: (family) => {
      families.delete(family);
    },
    look: ({ full = false, onMember } = {}) => {
      const pids = platform.pids();
      const known = new Set([...families].flatMap(({ members }) => [...members.keys()]));
      const stillStrangers = new Set<number>();
      for (const pid of pids) {
        if (above.has(pid) || known.has(pid)) continue;
        if (!full && strangers.has(pid)) {
          stillStrangers.add(pid);
          continue;
        }
        const stat = platform.stat(pid);
        if (stat === null) continue;
        const old = full && self !== null && !platform.startedSince(stat, self);
        const family = old ? undefined : familyOf(stat);
        if (family === undefined) {
          stillStrangers.add(pid);
        } else if (!isGone(stat)) {
          admit(family, stat, platform);
          onMember?.(family, stat);
        }
      }
      strangers = stillStrangers;
    },
  };
}

/** The process itself and all that it was started by: whatever they carry, they are no run's. */
function ancestorsOf(pid: number, platform: Platform): ReadonlySet<number> {
  const above = new Set<number>();
  for (let next: number | undefined = pid; next !== undefined && next > 0 && !above.has(next); ) {
    above.add(next);
    next = platform.stat(next)?.parent;
  }
  return above;
}

export function admit(family: Family, stat: ProcessStat, platform: Platform): void {
  const { members, sessions, shared } = family;
  members.set(stat.pid, stat);
  if (sessions === null || sessions.has(stat.session) || shared.has(stat.session)) return;
  const leader = stat.pid === stat.session ? stat : platform.stat(stat.session);
  sessions.set(stat.session, leader?.startTime ?? null);
}

/** The members that live: neither gone, nor zombies, nor another process under the same number. */
export function living(family: Family, platform: Platform): ProcessStat[] {
  const alive: ProcessStat[] = [];
  for (const [pid, known] of family.members) {
    const stat = platform.stat(pid);
    if (isGone(stat) || stat.startTime !== known.startTime) {
      family.members.delete(pid);
    } else {
      admit(family, stat, platform);
      alive.push(stat);
    }
  }
  return alive;
}

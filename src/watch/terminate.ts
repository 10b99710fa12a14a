import { setImmediate, setTimeout } from 'node:timers/promises';
import { now } from './clock.ts';
import type { Platform, ProcessStat } from './platform.ts';
import { type Census, type Family, living } from './tree.ts';

/** A process that forks and exits within milliseconds is missed by most scans. */
const EMPTY_SCANS = 3;
const EMPTY_SCANS_AFTER_SURPRISE = 60;
/** How long SIGKILL may take before a process is said to be unkillable: uninterruptible waits end late. */
const KILL_PATIENCE = 2000;
const POLL = 15;

export interface Ended {
  readonly pid: number;
  readonly command: string;
  readonly ended: boolean;
}

export interface EndingTools {
  readonly census: Census;
  readonly platform: Platform;
  /** Milliseconds from the first signal to SIGKILL. */
  readonly grace: number;
  /** Signals that ask, in their order; they share the grace. SIGTERM alone unless told. */
  readonly asking?: readonly NodeJS.Signals[];
}

/**
 * Asks all that live by signal, then SIGKILL on sight until nothing has been seen for many scans. Answers with
 * everything that lived when it was called or came later, and whether it is gone.
 */
export async function endFamily(
  family: Family,
  { census, platform, grace, asking = ['SIGTERM'] }: EndingTools,
): Promise<Ended[]> {
  const met = new Map<number, string>();
  const meet = ({ pid }: ProcessStat) => {
    if (!met.has(pid)) met.set(pid, platform.command(pid));
  };
  const send = (stat: ProcessStat, signal: NodeJS.Signals) => {
    meet(stat);
    signalSafely(platform, stat, signal);
    if (signal === 'SIGKILL') killGroupOf(family, stat, platform);
  };

  census.look();
  if (living(family, platform).length === 0) return [];
  for (const signal of asking) {
    for (const stat of living(family, platform)) {
      send(stat, signal);
      // A stopped process receives it only when it goes on.
      if (stat.state === 'T' || stat.state === 't') send(stat, 'SIGCONT');
    }
    const until = now() + grace / asking.length;
    while (now() < until && living(family, platform).length > 0) await setTimeout(POLL);
  }

  const survivors = await killOnSight(family, { census, platform, send });
  return [...met].map(([pid, command]) => ({
    pid,
    command,
    ended: !survivors.some((stat) => stat.pid === pid),
  }));
}

async function killOnSight(
  family: Family,
  tools: {
    census: Census;
    platform: Platform;
    send: (stat: ProcessStat, signal: NodeJS.Signals) => void;
  },
): Promise<ProcessStat[]> {
  const { census, platform, send } = tools;
  const patienceEnds = now() + KILL_PATIENCE;
  let needed = EMPTY_SCANS;
  let empty = 0;
  let alive: ProcessStat[] = [];
  while (empty < needed && now() < patienceEnds) {
    census.look({
      onMember: (owner, stat) => {
        if (owner !== family) return;
        send(stat, 'SIGKILL');
        needed = EMPTY_SCANS_AFTER_SURPRISE;
        empty = -1;
      },
    });
    alive = living(family, platform);
    for (const stat of alive) send(stat, 'SIGKILL');
    if (alive.length === 0) killSessionsOf(family, platform);
    empty = alive.length === 0 ? empty + 1 : 0;
    // The spawned process stays a zombie until Node has had its turn.
    if (alive.length > 0) await setTimeout(POLL / 5);
    else await setImmediate();
  }
  return alive;
}

/** Processes that replace each other are seen too late to be met one by one; a signal to their group meets them all. */
function killGroupOf({ sessions }: Family, { group, session }: ProcessStat, platform: Platform): void {
  // In other sessions the group may have members that are not the run's.
  if (group <= 1 || sessions?.has(session) !== true) return;
  try {
    platform.killGroup(group);
  } catch {
    // Empty by now.
  }
}

/**
 * Processes that live for a millisecond or two can slip through one look at the process table after the other; the
 * kernel's own signal to a group meets whoever is in it. A session's number is nobody else's while one of it lives.
 */
function killSessionsOf({ sessions }: Family, platform: Platform): void {
  for (const [session, startTime] of sessions ?? []) {
    const leader = platform.stat(session);
    if (session <= 1 || (leader !== null && leader.startTime !== startTime)) continue;
    try {
      platform.killGroup(session);
    } catch {
      // Empty by now.
    }
  }
}

/** The start time is compared at the last moment: the number may by now be another process's. */
export function signalSafely(platform: Platform, known: ProcessStat, signal: NodeJS.Signals): boolean {
  // To the system 0 and less are groups, or everybody.
  if (known.pid <= 1) return false;
  const stat = platform.stat(known.pid);
  if (stat === null || stat.startTime !== known.startTime) return false;
  try {
    platform.kill(known.pid, signal);
    return true;
  } catch {
    // Gone since, or another user's: whether it lives is looked at again.
    return false;
  }
}

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGone, type Platform } from './platform.ts';
import { type Ended, endFamily } from './terminate.ts';
import { thisPlatform } from './thisPlatform.ts';
import { openCensus } from './tree.ts';

/** Left on disk by a session while it lives: who guards, and by what its programs are known. */
interface GuardRecord {
  readonly pid: number;
  readonly startTime: string;
  /** A pid and a start time say nothing after a restart of the machine. */
  readonly boot: string;
  /** Nor do they in another container that shares the folder for temporary files. */
  readonly namespace: string;
  /** What every cookie of the session begins with. */
  readonly cookie: string;
  /** The session's own folder. */
  readonly folder: string;
}

export interface Registration {
  readonly close: () => void;
}

function recordsFolder(): string {
  return join(tmpdir(), `exitproof-guards-${process.getuid?.() ?? 'user'}`);
}

/** Writes down that this process guards, so that a later one can clean up after it if it is killed. */
export function registerGuard(
  session: { readonly cookie: string; readonly folder: string },
  platform: Platform,
): Registration {
  const stat = platform.stat(process.pid);
  const path = join(recordsFolder(), `${process.pid}-${session.cookie.replaceAll(/\W/g, '')}.json`);
  const record: GuardRecord = {
    pid: process.pid,
    startTime: stat?.startTime ?? '',
    boot: bootId(),
    namespace: pidNamespace(),
    cookie: session.cookie,
    folder: session.folder,
  };
  try {
    mkdirSync(recordsFolder(), { recursive: true, mode: 0o700 });
    if (isOurs(recordsFolder())) writeFileSync(path, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
  } catch {
    // A convenience for later runs, and no reason to refuse this one.
  }
  return { close: () => rmSync(path, { force: true }) };
}

/** Ends what guards that were killed have left behind. Answers with what it met. */
export async function sweepDeadGuards(grace: number, platform = thisPlatform()): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const { path, record } of readRecords()) {
    const sameBoot = record.boot === bootId();
    if (sameBoot && (record.namespace !== pidNamespace() || guardLives(platform, record))) continue;
    if (sameBoot) ended.push(...(await endSession(platform, record.cookie, grace)));
    if (isOurs(record.folder)) removeFolder(record.folder);
    rmSync(path, { force: true });
  }
  return ended;
}

/** As far as that is possible. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // A mount in it, another user's file: no reason to leave a job without its verdict.
  }
}

async function endSession(platform: Platform, cookie: string, grace: number): Promise<Ended[]> {
  const census = openCensus(platform, { strangers: [] });
  // No leader: what it spawned is known by the cookie alone, before which that of a guard around it may stand.
  const family = census.found(cookie);
  return endFamily(family, { census, platform, grace });
}

function guardLives(platform: Platform, record: GuardRecord): boolean {
  const stat = platform.stat(record.pid);
  return !isGone(stat) && stat.startTime === record.startTime;
}

function readRecords(): { readonly path: string; readonly record: GuardRecord }[] {
  const folder = recordsFolder();
  if (!isOurs(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    try {
      const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (isRecord(record)) return [{ path, record }];
    } catch {
      // Half-written by a guard that was killed right then, or just removed by its owner.
    }
    return [];
  });
}

function isRecord(value: unknown): value is GuardRecord {
  if (typeof value !== 'object' || value === null) return false;
  const text = (key: string) => key in value && typeof Reflect.get(value, key) === 'string';
  const cookie: unknown = Reflect.get(value, 'cookie');
  // An empty or short cookie would fit strangers.
  const specific = typeof cookie === 'string' && cookie.length > 12;
  return (
    Number.isInteger(Reflect.get(value, 'pid')) &&
    text('startTime') &&
    text('boot') &&
    text('folder') &&
    specific
  );
}

/** In a folder for all users, another one could have put records of their own in our place. */
function isOurs(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid());
  } catch {
    return false;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

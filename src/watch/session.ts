import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFifos, removeFifos } from './channel.ts';
import type { Platform } from './platform.ts';
import type { WatchedRun, WatchRequest } from './request.ts';
import type { SessionParts, Slot } from './sessionParts.ts';
import { registerGuard, removeFolder, sweepDeadGuards } from './sweep.ts';
import { type Ended, endFamily } from './terminate.ts';
import { thisPlatform } from './thisPlatform.ts';
import { openCensus } from './tree.ts';
import { watchRun } from './watchRun.ts';

/** Runs share it: folder, probe, named pipes, and one look at the process table. */
export interface WatchSession {
  readonly watch: (request: WatchRequest) => Promise<WatchedRun>;
  /** Ends what escaped from every run so far, and answers with it. Removes the session's folder. */
  readonly close: () => Promise<readonly Ended[]>;
}

const GRACE_FOR_STRAYS = 1000;

/** `folder` is created where it doesn't exist; without it one in the system's folder for temporary files is. */
export function openSession(
  options: { readonly folder?: string; readonly platform?: Platform } = {},
): WatchSession {
  const folder = privateFolder(options.folder);
  const { platform = thisPlatform() } = options;
  const census = openCensus(platform);
  const id = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const registration = registerGuard({ cookie: `${id}.`, folder }, platform);
  const swept = sweepDeadGuards(GRACE_FOR_STRAYS, platform);
  const idle: Slot[] = [];
  let slots = 0;
  let runs = 0;

  const parts: SessionParts = {
    platform,
    census,
    folder,
    takeSlot: async () => {
      const slot = idle.pop();
      if (slot !== undefined) return slot;
      slots += 1;
      const name = `slot${slots}`;
      return { name, fifos: await makeFifos(folder, name) };
    },
    returnSlot: (slot, clean) => {
      if (clean) idle.push(slot);
      else if (slot.fifos !== null) removeFifos(slot.fifos);
    },
    nextCookie: () => {
      runs += 1;
      return `${id}.${runs};`;
    },
  };

  return {
    watch: (request) => watchRun(parts, request),
    close: async () => {
      await swept;
      const strays = census.found(`${id}.`);
      census.look({ full: true });
      const ended = await endFamily(strays, { census, platform, grace: GRACE_FOR_STRAYS });
      removeFolder(folder);
      registration.close();
      return ended;
    },
  };
}

/** One run in a session of its own. */
export async function watch(request: WatchRequest): Promise<WatchedRun> {
  const session = openSession();
  try {
    return await session.watch(request);
  } finally {
    await session.close();
  }
}

/** A folder of its own below `parent`. Others may pass through, for programs that give their rights away, but not look. */
function privateFolder(parent: string | undefined): string {
  if (parent !== undefined) mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent ?? tmpdir(), 'exitproof-'));
  chmodSync(folder, 0o711);
  return folder;
}

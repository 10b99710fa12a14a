import { randomBytes } from 'node:crypto';
import { endFamily } from '../watch/terminate.ts';
import { thisPlatform } from '../watch/thisPlatform.ts';
import { openCensus } from '../watch/tree.ts';

/** Not the runs' variable: a guard around this exitproof knows its processes, these tools among them, by that one. */
const TOOLS_VARIABLE = 'EXITPROOF_TOOLS';

/** A build backend that is asked to end has nothing to save. */
const GRACE = 1_000;

/** The processes that the tools of one job run in: pip, its build backends, pex. */
export interface Crew {
  /** To be given to every tool. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends those that run. */
  readonly end: () => Promise<void>;
}

export function openCrew(): Crew {
  const cookie = `tools-${process.pid}-${randomBytes(6).toString('hex')};`;
  return {
    env: { [TOOLS_VARIABLE]: cookie },
    end: async () => {
      const platform = thisPlatform();
      const census = openCensus(platform, { strangers: [] });
      const family = census.found(`${TOOLS_VARIABLE}=${cookie}`, { inOurSession: true });
      await endFamily(family, { census, platform, grace: GRACE });
    },
  };
}

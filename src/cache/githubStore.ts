import { execFile } from 'node:child_process';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import { ignoreOwnFolder, OWN_WORK_FOLDER } from './ownFolder.ts';
import type { Found, LayoutStore } from './store.ts';
import { unannotated } from './unannotated.ts';

/**
 * The literal string is a part of an entry's identity, and the toolkit keeps paths relative to the workspace:
 * an absolute path would be a silent miss in a job whose workspace lies elsewhere.
 */
const PATH = `${OWN_WORK_FOLDER}/cache/layout.tar`;

const RESTORE_LIMIT = 180_000;
const LOOKUP_LIMIT = 20_000;
const SAVE_LIMIT = 300_000;

export interface GithubStoreOptions {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** GitHub's own cache, for steps of a workflow. */
export async function githubStore({ workspace, env, log }: GithubStoreOptions): Promise<LayoutStore> {
  const file = join(workspace, PATH);
  const elsewhere = await wrongFolder(workspace);
  const ask = <T>(limit: number, work: () => Promise<T>): Promise<T> =>
    unannotated(log, () => within(limit, work()));
  const mode = (env['ACTIONS_CACHE_MODE'] ?? '').trim().toLowerCase();
  return {
    kind: 'github',
    compression: await compression(),
    file,
    restore: async (key): Promise<Found> => {
      if (elsewhere !== null) return { result: 'denied', reason: elsewhere };
      if (mode === 'none' || mode === 'write-only') {
        return { result: 'denied', reason: `this job may not read the cache (cache-mode ${mode})` };
      }
      try {
        const { restoreCache } = await import('@actions/cache');
        await prepare(workspace, file);
        await rm(file, { force: true });
        const options = { timeoutInMs: 30_000, segmentTimeoutInMs: 60_000 };
        const found = await ask(RESTORE_LIMIT, () => restoreCache([PATH], key, [], options));
        if (found === key) return { result: 'hit', file };
        return { result: 'miss', reason: 'no entry that this branch may read has this key' };
      } catch (error) {
        return { result: 'denied', reason: `the cache did not answer: ${words(error)}` };
      }
    },
    nearest: async (prefixes) => {
      const [first] = prefixes;
      if (elsewhere !== null || first === undefined) return null;
      try {
        const { restoreCache } = await import('@actions/cache');
        const rest = prefixes.slice(1, 10);
        const lookUp = () => restoreCache([PATH], first, rest, { lookupOnly: true });
        return (await ask(LOOKUP_LIMIT, lookUp)) ?? null;
      } catch (error) {
        log.debug(`no nearest cache entry: ${words(error)}`);
        return null;
      }
    },
    save: async (key) => {
      if (elsewhere !== null) return { saved: false, reason: elsewhere };
      if (mode === 'none' || mode === 'read') {
        return {
          saved: false,
          reason: `not saved: this job may not write to the cache (cache-mode ${mode})`,
        };
      }
      try {
        const { saveCache } = await import('@actions/cache');
        await prepare(workspace, file);
        const id = await ask(SAVE_LIMIT, () => saveCache([PATH], key));
        // The library throws for neither of the two.
        if (id === -1) {
          const reason = 'not saved: the cache denied it, or another job saved the same key first';
          return { saved: false, reason };
        }
        return { saved: true, reason: `saved in GitHub's cache (entry ${id})` };
      } catch (error) {
        return { saved: false, reason: `not saved: ${words(error)}` };
      }
    },
  };
}

async function prepare(workspace: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await ignoreOwnFolder(workspace);
}

/** The toolkit looks for the path below the working directory, but stores it relative to the workspace. */
async function wrongFolder(workspace: string): Promise<string | null> {
  const real = await realpath(workspace).catch(() => workspace);
  return process.cwd() === real
    ? null
    : `GitHub's cache works from the workspace only, and this is ${process.cwd()}`;
}

/** As the toolkit decides it. */
function compression(): Promise<string> {
  return new Promise((done) => {
    execFile('zstd', ['--quiet', '--version'], { timeout: 10_000 }, (_, stdout, stderr) => {
      done(`${stdout}${stderr}`.trim() === '' ? 'gzip' : 'zstd');
    });
  });
}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no answer in ${limit / 1000} s`)), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import { ignoreOwnFolder, OWN_WORK_FOLDER } from './ownFolder.ts';
import type { EntryStore, Found } from './store.ts';
import { type Unannotated, unannotated } from './unannotated.ts';
import { isVersionOf, nextVersion } from './version.ts';

/**
 * The literal string is a part of an entry's identity, and the toolkit keeps paths relative to the workspace:
 * an absolute path would be a silent miss in a job whose workspace lies elsewhere.
 */
const PATHS = {
  layouts: `${OWN_WORK_FOLDER}/cache/layout.tar`,
  wheels: `${OWN_WORK_FOLDER}/cache/wheels.tar`,
} as const;

/** Milliseconds that a job waits for the service at most, for each of the three. */
export interface CacheLimits {
  readonly lookUp: number;
  readonly load: number;
  readonly save: number;
}

const LIMITS: CacheLimits = { lookUp: 20_000, load: 120_000, save: 180_000 };

export interface GithubCacheOptions {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly limits?: CacheLimits;
}

export interface GithubCache {
  readonly layouts: EntryStore;
  readonly wheels: EntryStore;
}

/** GitHub's own cache, for steps of a workflow. */
export async function githubCache({
  workspace,
  env,
  log,
  limits = LIMITS,
}: GithubCacheOptions): Promise<GithubCache> {
  const elsewhere = await wrongFolder(workspace);
  const packed = await compression();
  const mode = (env['ACTIONS_CACHE_MODE'] ?? '').trim().toLowerCase();
  const unless = (sentence: string, ...modes: string[]): string | null =>
    modes.includes(mode) ? `${sentence} (cache-mode ${mode})` : null;
  const mayNotRead = unless('this job may not read the cache', 'none', 'write-only');
  const mayNotWrite = unless('this job may not write to the cache', 'none', 'read');
  /** Why it is not asked any more. */
  let late: string | null = null;
  const ask = async <T>(limit: number, work: () => Promise<T>): Promise<Unannotated<T>> => {
    try {
      // The client can't be called back: it goes on unheard, and may yet write to its file.
      return await within(limit, unannotated(log, work));
    } catch (error) {
      if (error instanceof TooLate) late = `the cache gave ${error.message}, and is not asked again`;
      throw error;
    }
  };

  const open = (path: string): EntryStore => {
    const file = join(workspace, path);
    const rejected = new Set<string>();
    const load = async (key: string): Promise<Found> => {
      const { restoreCache } = await import('@actions/cache');
      await prepare(workspace, file);
      await rm(file, { force: true });
      const options = { timeoutInMs: 30_000, segmentTimeoutInMs: 60_000 };
      const { value, mishaps } = await ask(limits.load, () => restoreCache([path], key, [], options));
      if (value === key && existsSync(file)) return { result: 'hit', file, key };
      if (value === key) return { result: 'corrupt', reason: `the entry holds no ${path}`, key };
      const reason = mishaps.at(-1) ?? 'the entry has gone';
      if (/\btar\b/i.test(reason)) return { result: 'corrupt', reason, key };
      return { result: 'denied', reason: unanswered(reason) };
    };
    const refusal = (): string | null => elsewhere ?? mayNotWrite ?? late;

    return {
      kind: 'github',
      compression: packed,
      file,
      find: async (key, prefixes = []) => {
        const reason = elsewhere ?? mayNotRead ?? late;
        if (reason !== null) return { result: 'denied', reason };
        try {
          const { restoreCache } = await import('@actions/cache');
          await prepare(workspace, file);
          // The service takes ten.
          const others = [key, ...prefixes].slice(0, 9);
          const lookUp = () => restoreCache([path], `${key}.`, others, { lookupOnly: true });
          const { value, mishaps } = await ask(limits.lookUp, lookUp);
          const [mishap] = mishaps;
          if (value === undefined && mishap !== undefined) {
            late = `the cache gave no answer (${mishap}), and is not asked again`;
            return { result: 'denied', reason: unanswered(mishap) };
          }
          if (value !== undefined && isVersionOf(value, key)) return await load(value);
          const plain = 'no entry that this branch may read has this key';
          return { result: 'miss', reason: plain, nearest: value ?? null };
        } catch (error) {
          return { result: 'denied', reason: unanswered(words(error)) };
        }
      },
      reject: (key) => void rejected.add(key),
      refusal,
      save: async (key) => {
        const not = (reason: string) => ({ saved: false, reason: `not saved: ${reason}`, key });
        const refused = refusal();
        if (refused !== null) return not(refused);
        const broken = [...rejected].filter((other) => isVersionOf(other, key)).sort();
        const last = broken.at(-1);
        const as = last === undefined ? key : nextVersion(last, key);
        if (as === null) return not('nine entries of this key are corrupt, and GitHub keeps them');
        try {
          const { saveCache } = await import('@actions/cache');
          await prepare(workspace, file);
          const { value: id, mishaps } = await ask(limits.save, () => saveCache([path], as));
          // The library throws neither where it is denied nor where another job was quicker.
          if (id === -1) return not(mishaps.at(-1) ?? 'the cache denied it');
          return { saved: true, reason: `saved in GitHub's cache (entry ${id})`, key: as };
        } catch (error) {
          return not(words(error));
        }
      },
    };
  };
  return { layouts: open(PATHS.layouts), wheels: open(PATHS.wheels) };
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

class TooLate extends Error {}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new TooLate(`no answer in ${limit / 1000} s`)), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unanswered(reason: string): string {
  return `the cache did not answer: ${reason}`;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

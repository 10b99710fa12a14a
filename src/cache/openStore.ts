import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { Environment } from '../toolchain/paths.ts';
import { directoryStore } from './directoryStore.ts';
import { builtFolder, layoutsFolder } from './folders.ts';
import { githubCache } from './githubStore.ts';
import { BUILT_LIMIT } from './limits.ts';
import { type CacheChoice, type CachePolicy, cachePolicy } from './policy.ts';
import type { EntryStore } from './store.ts';

export interface StoreOptions {
  readonly choice: CacheChoice;
  readonly env: Environment;
  /** The working directory; in the action, the workspace. */
  readonly workspace: string;
  /** A folder of this run alone. */
  readonly work: string;
  readonly log: Log;
}

export interface Cache {
  /** Of checked layouts. */
  readonly store: EntryStore;
  /** Of wheels that were built from sdists. */
  readonly wheels: EntryStore;
  readonly policy: CachePolicy;
}

/** GitHub's cache where this process has the rights to speak to it, else a folder of the user's. */
export async function openStore({ choice, env, workspace, work, log }: StoreOptions): Promise<Cache> {
  const policy = cachePolicy(choice, {
    name: env['GITHUB_EVENT_NAME'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
  });
  if (hasGithubCache(env)) {
    const { layouts, wheels } = await githubCache({ workspace, env, log });
    return { policy, store: layouts, wheels };
  }
  return {
    policy,
    store: directoryStore({ folder: layoutsFolder(env), file: join(work, 'layout.tar') }),
    wheels: directoryStore({ folder: builtFolder(env), file: join(work, 'wheels.tar'), limit: BUILT_LIMIT }),
  };
}

/** Only actions have the token; a `run:` step of the same job does not. */
export function hasGithubCache(env: Environment): boolean {
  const given = (name: string): boolean => (env[name] ?? '') !== '';
  return given('ACTIONS_RUNTIME_TOKEN') && (given('ACTIONS_CACHE_URL') || given('ACTIONS_RESULTS_URL'));
}

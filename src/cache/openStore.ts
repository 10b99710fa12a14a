import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { Environment } from '../toolchain/paths.ts';
import { directoryStore } from './directoryStore.ts';
import { githubStore } from './githubStore.ts';
import { layoutsFolder } from './layoutsFolder.ts';
import { type CacheChoice, type CachePolicy, cachePolicy } from './policy.ts';
import type { LayoutStore } from './store.ts';

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
  readonly store: LayoutStore;
  readonly policy: CachePolicy;
}

/** GitHub's cache where this process has the rights to speak to it, else a folder of the user's. */
export async function openStore({ choice, env, workspace, work, log }: StoreOptions): Promise<Cache> {
  const policy = cachePolicy(choice, {
    name: env['GITHUB_EVENT_NAME'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
  });
  return {
    policy,
    store: hasGithubCache(env)
      ? await githubStore({ workspace, env, log })
      : directoryStore({ folder: layoutsFolder(env), file: join(work, 'layout.tar') }),
  };
}

/** Only actions have the token; a `run:` step of the same job does not. */
export function hasGithubCache(env: Environment): boolean {
  const given = (name: string): boolean => (env[name] ?? '') !== '';
  return given('ACTIONS_RUNTIME_TOKEN') && (given('ACTIONS_CACHE_URL') || given('ACTIONS_RESULTS_URL'));
}

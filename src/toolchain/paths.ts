import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { problem } from '../problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's cache, and what may be done with it. */
export interface CachePlace {
  /** Names its folder. */
  readonly env: Environment;
  readonly write: boolean;
}

/**
 * The folder of everything that outlives a run: private tools, wheels, checked layouts. Created if missing.
 * Without a home it lies in the temporary folder, readable by its owner alone: what is in it gets executed.
 * Throws a settings problem where it can't be made.
 */
export function cacheRoot(env: Environment): string {
  const xdg = env['XDG_CACHE_HOME'];
  const home = env['HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return made(join(xdg, 'exitproof'));
  if (home !== undefined && isAbsolute(home)) return made(join(home, '.cache', 'exitproof'));
  const folder = join(tmpdir(), `exitproof-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Somebody else's folder at this name could hold tools of theirs.
  const info = lstatSync(folder);
  if (!info.isDirectory() || info.uid !== userInfo().uid) {
    throw problem('settings', `${folder} belongs to another user; set HOME or XDG_CACHE_HOME.`);
  }
  chmodSync(folder, 0o700);
  return folder;
}

function made(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('settings', `the folder for tools and caches can't be made: ${reason}`, {
      hint: 'XDG_CACHE_HOME names another place for it.',
    });
  }
  return folder;
}

import { join } from 'node:path';
import { cacheRoot, type Environment } from '../toolchain/paths.ts';

/** Where checked layouts are kept on this machine. */
export function layoutsFolder(env: Environment): string {
  return join(cacheRoot(env), 'layouts');
}

/** Where the wheels are kept that were built from sdists. */
export function builtFolder(env: Environment): string {
  return join(cacheRoot(env), 'built');
}

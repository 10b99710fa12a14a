import { realpath } from 'node:fs/promises';
import type { ToolContext } from '../toolchain/context.ts';
import { runTool } from '../toolchain/exec.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';

export interface Repository {
  readonly root: string;
  readonly shallow: boolean;
  /** The git directory that linked worktrees share. */
  readonly commonDir: string;
  readonly gitDir: string;
  /** Seconds since 1970; null before the first commit. */
  readonly commitTime: number | null;
}

/** Null outside of any repository, and where there is no git. */
export async function findRepository(folder: string, context: ToolContext): Promise<Repository | null> {
  const question = ['rev-parse', '--path-format=absolute', '--show-toplevel', '--is-shallow-repository'];
  const answer = await git([...question, '--git-common-dir', '--git-dir'], folder, context);
  const [root, shallow, commonDir, gitDir] = answer?.split('\n') ?? [];
  if (root === undefined || commonDir === undefined || gitDir === undefined) return null;
  const time = Number(await git(['log', '-1', '--format=%ct'], folder, context));
  return {
    root: await realpath(root),
    shallow: shallow === 'true',
    commonDir,
    gitDir,
    commitTime: Number.isInteger(time) && time > 0 ? time : null,
  };
}

/** What git prints, without the last line's end; null where it fails or isn't there. */
export async function git(
  args: readonly string[],
  cwd: string,
  context: ToolContext,
): Promise<string | null> {
  const tool = findOnPath('git', context.env['PATH']);
  if (tool === null) return null;
  const env: Record<string, string> = { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  for (const [name, value] of Object.entries(context.env)) {
    // A hook's GIT_DIR would answer for another repository.
    if (value !== undefined && !name.startsWith('GIT_')) env[name] ??= value;
  }
  // In a container the checkout often belongs to another user; what is in it is about to be run anyway.
  const trusted = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', ...args];
  const result = await runTool(
    { tool, args: trusted, env, cwd },
    { ...context, log: { ...context.log, debug: () => {} } },
    'Asking git',
  );
  return result.exitCode === 0 ? result.stdout.replace(/\n$/, '') : null;
}

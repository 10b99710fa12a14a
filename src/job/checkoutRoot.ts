import { isAbsolute } from 'node:path';
import { findRepository } from '../build/git.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { shownPath } from './paths.ts';

/**
 * The folder that source lines are told from: the repository's, or in a workflow the workspace, for an image without
 * git gets its checkout without a repository; else the folder itself.
 */
export async function checkoutRoot(folder: string, context: ToolContext): Promise<string> {
  const repository = await findRepository(folder, context);
  if (repository !== null) return repository.root;
  const workspace = context.env['GITHUB_WORKSPACE'];
  const isBelow = workspace !== undefined && !isAbsolute(shownPath(folder, workspace));
  return isBelow ? workspace : folder;
}

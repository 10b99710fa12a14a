import { join } from 'node:path';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { installLocked } from './installLocked.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest, lockedTool } from './lockFile.ts';
import { cacheRoot } from './paths.ts';

/** The path of a private uv, installed only where there is a `uv.lock` to read. */
export async function privateUv(interpreter: Interpreter, context: ToolContext): Promise<string> {
  const { version } = lockedTool('uv', 'uv', null);
  const folder = join(cacheRoot(context.env), 'tools', `uv-${version}-${lockDigest('uv')}-${process.arch}`);
  await installOnce(folder, async (part) => {
    await installLocked('uv', interpreter, part, context, `Installing uv ${version}`);
  });
  return join(folder, 'bin', 'uv');
}

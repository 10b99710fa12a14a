import { join } from 'node:path';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest, lockedTool, lockPath } from './lockFile.ts';
import { cacheRoot } from './paths.ts';
import { LOCKED, privatePip, runOwn } from './pip.ts';

/** The path of a private uv, installed only where there is a `uv.lock` to read. */
export async function privateUv(interpreter: Interpreter, context: ToolContext): Promise<string> {
  const { version } = lockedTool('uv', 'uv', null);
  const folder = join(cacheRoot(context.env), 'tools', `uv-${version}-${lockDigest('uv')}-${process.arch}`);
  await installOnce(folder, async (part) => {
    const pip = await privatePip(interpreter, context);
    const args = [pip.path, 'install', '-r', lockPath('uv'), '--target', part, ...LOCKED];
    await runOwn(interpreter, args, context, `Installing uv ${version}`);
  });
  return join(folder, 'bin', 'uv');
}

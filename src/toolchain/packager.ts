import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gte, valid } from '@renovatebot/pep440';
import * as v from 'valibot';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest, lockedTool, lockPath } from './lockFile.ts';
import { machine } from './machine.ts';
import { normaliseModes } from './modes.ts';
import { cacheRoot } from './paths.ts';
import { LOCKED, privatePip, runOwn } from './pip.ts';

/** Packagers that are installed with what they need; each has a lock of its name. */
export type Packager = 'shiv' | 'pyinstaller';

/** Older ones write other things than what is expected here. */
const OLDEST: Readonly<Record<Packager, string>> = { shiv: '1.0.0', pyinstaller: '6.0.0' };

/** The version to build with. Throws a settings problem for one that isn't exact or is too old. */
export function packagerVersion(tool: Packager, setting: string | null, interpreter: Interpreter): string {
  const locked = lockedTool(tool, tool, interpreter.version).version;
  if (setting === null) return locked;
  const got = `builder-version: got "${setting}"`;
  if (valid(setting) === null) throw problem('settings', `${got}, takes an exact version such as ${locked}.`);
  if (!gte(setting, OLDEST[tool])) {
    throw problem(
      'settings',
      `builder-version: ${tool} ${setting} is too old; ${OLDEST[tool]} is the oldest supported.`,
    );
  }
  return setting;
}

export interface PackagerTool {
  /** Complete: put on `sys.path`, the packager can be imported. */
  readonly folder: string;
  /** Of its wheel, as the index first gave it; null where the lock has it. */
  readonly sha256: string | null;
}

const receipt = v.object({ sha256: v.string() });
const RECEIPT = 'exitproof.json';

/** What it needs comes by the lock, and so does it where it is the default; another version is taken from the index. */
export async function packagerTool(
  tool: Packager,
  version: string,
  interpreter: Interpreter,
  context: ToolContext,
): Promise<PackagerTool> {
  const isLocked = version === packagerVersion(tool, null, interpreter);
  const python = interpreter.version.split('.').slice(0, 2).join('.');
  const kind = `${isLocked ? '' : 'index-'}${lockDigest(tool)}`;
  // Containers that share the folder may have another C library, which a boot program is linked with.
  const system = `${process.arch}-${(await machine()).libc?.split(' ')[0] ?? process.platform}`;
  const name = `${tool}-${version}-${kind}-py${python}-${system}`;
  const folder = join(cacheRoot(context.env), 'tools', name);
  await installOnce(folder, async (part) => {
    const pip = await privatePip(interpreter, context);
    const run = (args: readonly string[]): Promise<void> =>
      runOwn(interpreter, [pip.path, ...args], context, `Installing ${tool} ${version}`);
    const install = (args: readonly string[]): Promise<void> => run(['install', '--target', part, ...args]);
    if (isLocked) {
      await install(['-r', lockPath(tool), ...LOCKED]);
    } else {
      const fetched = join(context.work, `${tool}-fetched`);
      await run(['download', `${tool}==${version}`, '--no-deps', '--only-binary', ':all:', '-d', fetched]);
      const [wheel = ''] = await readdir(fetched);
      await install([join(fetched, wheel), '--no-deps']);
      const bytes = await readFile(join(fetched, wheel));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await writeFile(join(part, RECEIPT), `${JSON.stringify({ sha256 })}\n`);
      const others = join(context.work, `${tool}-needs.txt`);
      await writeFile(others, withoutTool(await readFile(lockPath(tool), 'utf8'), tool));
      await install(['-r', others, ...LOCKED]);
    }
    // Parts of a packager are packed as they lie there.
    await normaliseModes(part);
  });
  if (isLocked) return { folder, sha256: null };
  const { sha256 } = v.parse(receipt, JSON.parse(await readFile(join(folder, RECEIPT), 'utf8')));
  return { folder, sha256 };
}

/** The lock's rows of all but the tool itself. */
export function withoutTool(lock: string, tool: string): string {
  const rows = lock.split(/\n(?=[^\s])/);
  return rows.filter((row) => !row.startsWith(`${tool}==`)).join('\n');
}

/** Modules that a packager's folder has at its top. */
export async function modulesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^([A-Za-z_]\w*)(?:\.py|\.[\w-]+\.so)?$/.exec(name)?.[1] ?? []);
}

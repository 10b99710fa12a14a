import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gte, valid } from '@renovatebot/pep440';
import * as v from 'valibot';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { fetchLocked } from './fetchLocked.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest, lockedTool, lockPath } from './lockFile.ts';
import { cacheRoot } from './paths.ts';
import { LOCKED, privatePip, runOwn, unpackWheels } from './pip.ts';

export const OLDEST_PEX = '2.28.1';

export interface PexTool {
  /** Put first on `sys.path`, `pex.bin.pex:main` is importable. */
  readonly folder: string;
  readonly version: string;
  /** Of the wheel that it came from. */
  readonly sha256: string;
  /** False where the hash was taken from the index when it was first installed. */
  readonly locked: boolean;
}

const receipt = v.object({ version: v.string(), sha256: v.string() });
const RECEIPT = 'exitproof.json';

export function defaultPexVersion(): string {
  return lockedTool('pex', 'pex', null).version;
}

/** The version to build with. Throws a settings problem for one that isn't exact or is too old. */
export function pexVersion(setting: string | null): string {
  if (setting === null) return defaultPexVersion();
  if (!/^\d+(\.\d+)+\S*$/.test(setting) || valid(setting) === null) {
    throw problem(
      'settings',
      `builder-version: got "${setting}", takes an exact version such as ${defaultPexVersion()}.`,
    );
  }
  if (!gte(setting, OLDEST_PEX)) {
    throw problem(
      'settings',
      `builder-version: pex ${setting} is too old; ${OLDEST_PEX} is the oldest supported.`,
    );
  }
  return setting;
}

/** pex of exactly `version`: by the lock where it is the default, else with the hash that the index first gave. */
export async function pexTool(
  version: string,
  interpreter: Interpreter,
  context: ToolContext,
): Promise<PexTool> {
  const locked = version === defaultPexVersion();
  // One release has several wheels, for older and newer Pythons.
  const python = interpreter.version.split('.').slice(0, 2).join('.');
  const name = `pex-${version}-${locked ? lockDigest('pex') : 'index'}-py${python}`;
  const folder = join(cacheRoot(context.env), 'tools', name);
  await installOnce(folder, async (part) => {
    const which = locked
      ? ['-r', lockPath('pex'), ...LOCKED]
      : [`pex==${version}`, '--no-deps', '--only-binary', ':all:'];
    const download = ['download', ...which, '-d', part];
    const what = `Fetching pex ${version}`;
    const pip = await privatePip(interpreter, context);
    if (!locked || !(await fetchLocked('pex', interpreter, { folder: part, pip }, context))) {
      await runOwn(interpreter, [pip.path, ...download], context, what);
    }
    const wheel = (await readdir(part)).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw problem('build', `The index has no wheel of pex ${version}.`);
    const sha256 = createHash('sha256')
      .update(readFileSync(join(part, wheel)))
      .digest('hex');
    await unpackWheels(interpreter, part, context);
    await writeFile(join(part, RECEIPT), `${JSON.stringify({ version, sha256 })}\n`);
  });
  const { sha256 } = v.parse(receipt, JSON.parse(await readFile(join(folder, RECEIPT), 'utf8')));
  return { folder, version, sha256, locked };
}

/** The arguments after the interpreter that run pex without it ever seeing the user's own packages. */
export function pexCommand(tool: PexTool): readonly string[] {
  return ['-I', '-c', RUN_PEX, tool.folder];
}

const RUN_PEX =
  'import sys; sys.path.insert(0, sys.argv.pop(1)); sys.argv[0] = "pex"; ' +
  'from pex.bin.pex import main; sys.exit(main())';

import { access, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { partOf, sweepParts } from '../part.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { mustRun } from '../toolchain/exec.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { checkPlace, checkReplaceable } from './place.ts';
import { forgetScriptHashes } from './records.ts';

export interface MaterialiseOptions {
  readonly pex: string;
  readonly destination: string;
  /** The executable of the interpreter that the PEX was built for. */
  readonly interpreter: string;
  readonly context: ToolContext;
}

/** Lays a PEX out as a venv. Returns its folder, links resolved. Throws a build problem with PEX's own words. */
export async function materialise(options: MaterialiseOptions): Promise<string> {
  const parent = dirname(options.destination);
  await mkdir(parent, { recursive: true });
  // PEX writes the path that it is given into scripts: only one form of it may exist.
  const destination = join(await realpath(parent), basename(options.destination));
  checkPlace(destination);
  // PEX can't lay out elsewhere and move: what a killed run has left half is known by this file.
  const unfinished = `${destination}.unfinished`;
  const left = await access(unfinished).then(
    () => true,
    () => false,
  );
  if (!left) await checkReplaceable(destination);
  await writeFile(unfinished, '');
  await rm(destination, { recursive: true, force: true });
  // PEX unpacks into its own cache and links from there, so it is to lie on the same file system, and nobody else may
  // know it: whoever wrote into one of its files later would write into the layout.
  await sweepParts(destination);
  const root = partOf(`${destination}.pex-root`);
  const args = [options.pex, 'venv', '--bin-path', 'prepend', destination];
  const env = toolEnvironment(options.context.env, { PEX_TOOLS: '1', PEX_ROOT: root });
  try {
    // Away from the layout: PEX writes its path down as it is seen from there, and only a whole one is known again.
    const cwd = options.context.work;
    await mustRun(
      { tool: options.interpreter, args, env, cwd },
      options.context,
      'laying the PEX out as a venv',
    );
    await forgetScriptHashes(destination);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  await rm(unfinished, { force: true });
  return destination;
}

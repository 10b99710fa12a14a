import { access, cp, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asset } from '../../assets.ts';
import { partOf, type SetAside, setAside, sweepParts } from '../../part.ts';
import type { ToolContext } from '../../toolchain/context.ts';
import { mustRun, runTool, type ToolCommand } from '../../toolchain/exec.ts';
import { toolEnvironment } from '../../toolchain/toolEnvironment.ts';
import type { Manifest } from '../manifest.ts';
import { checkPlace, checkReplaceable } from '../place.ts';
import type { Packages, Unpacked } from './packages.ts';
import { forgetScriptHashes } from './records.ts';

export interface MaterialiseOptions {
  readonly pex: string;
  readonly destination: string;
  /** The executable of the interpreter that the PEX was built for. */
  readonly interpreter: string;
  /** The folder of the pex that built it. */
  readonly tool: string;
  /** Of the wheels that it was built of. */
  readonly packages: Packages;
  /** PEX's own cache of this user, for what it knows of interpreters: to ask one takes it as long as all else. */
  readonly pexRoot: string;
  readonly context: ToolContext;
}

export interface Materialised {
  /** Links resolved. */
  readonly folder: string;
  /** Files in it that were written and hashed here; none where PEX wrote them all. */
  readonly written: Manifest;
}

/**
 * Lays a PEX out as a venv. PEX alone would unpack each wheel into its own cache, hash it there, link it and remove it
 * again: so it makes what is its own, and the packages come straight from the wheels. Where they can't, it does it all.
 * Throws a build problem with PEX's own words.
 */
export async function materialise(options: MaterialiseOptions): Promise<Materialised> {
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
  await sweepParts(destination);
  const unpacked = await options.packages.unpacked();
  await writeFile(unfinished, '');
  const old = await setAside(destination);
  try {
    const written = unpacked === null ? null : await besidePackages(options, destination, unpacked, old);
    if (written === null) {
      // For the room that they take.
      await Promise.all([old.remove(), options.packages.drop()]);
      await byPexAlone(options, destination);
    }
    await forgetScriptHashes(destination);
    await rm(unfinished, { force: true });
    return { folder: destination, written: written ?? [] };
  } finally {
    // Not before: some file systems find no inode for a new file as quickly where thousands have just been given up.
    await old.remove();
  }
}

async function byPexAlone({ pex, interpreter, context }: MaterialiseOptions, layout: string): Promise<void> {
  await rm(layout, { recursive: true, force: true });
  const args = [pex, 'venv', '--bin-path', 'prepend', layout];
  await withPexRoot(layout, (root) => {
    const env = toolEnvironment(context.env, { PEX_TOOLS: '1', PEX_ROOT: root });
    return mustRun(command(interpreter, args, env, context), context, WHAT);
  });
}

/** Null where it did not come to a layout. */
async function besidePackages(
  { pex, interpreter, tool, pexRoot, context }: MaterialiseOptions,
  layout: string,
  { folder, files, sums, complete }: Unpacked,
  earlier: SetAside,
): Promise<Manifest | null> {
  try {
    await complete(earlier.path);
  } catch (error) {
    if (context.cancel?.aborted === true) throw error;
    context.log.debug(`PEX lays all of it out: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
  const wheels = join(context.work, 'unpacked-wheels');
  await writeFile(wheels, sums);
  const done = await withPexRoot(layout, async (root) => {
    const known = [join(pexRoot, 'interpreters'), join(root, 'interpreters')] as const;
    // Without it, it asks again.
    await cp(...known, { recursive: true }).catch(() => {});
    const args = ['-I', asset('locks', 'pex_skeleton.py'), tool, pex, join(root, 'hollow'), layout, wheels];
    // Without it pex looks for interpreters on PATH.
    const env = toolEnvironment(context.env, { PEX_ROOT: root, PEX_PYTHON_PATH: interpreter });
    return runTool(command(interpreter, args, env, context), context, WHAT);
  });
  const packages = done.exitCode === 0 ? await packagesFolder(layout) : null;
  if (packages === null || !(await mergeInto(join(layout, packages), folder))) {
    context.log.debug('PEX lays all of it out: its own part could not be made apart');
    return null;
  }
  return files.map((file) => ({ ...file, path: `${packages}/${file.path}` }));
}

const WHAT = 'laying the PEX out as a venv';

function command(
  tool: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { work }: ToolContext,
): ToolCommand {
  // Away from the layout: PEX writes its path down as it is seen from there, and only a whole one is known again.
  return { tool, args, env, cwd: work };
}

/**
 * PEX unpacks into its own cache and links from there, so it is to lie on the same file system, and nobody else may
 * know it: whoever wrote into one of its files later would write into the layout.
 */
async function withPexRoot<T>(layout: string, use: (root: string) => Promise<T>): Promise<T> {
  const root = partOf(`${layout}.pex-root`);
  try {
    return await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Relative; a fresh venv has one. */
async function packagesFolder(layout: string): Promise<string> {
  const [python = ''] = await readdir(join(layout, 'lib'));
  return join('lib', python, 'site-packages');
}

/** Moves all that lies in `from` to `to`. False where a file lies there already. */
async function mergeInto(to: string, from: string): Promise<boolean> {
  const there = new Map((await readdir(to, { withFileTypes: true })).map((item) => [item.name, item]));
  for (const item of await readdir(from, { withFileTypes: true })) {
    const other = there.get(item.name);
    const [source, target] = [join(from, item.name), join(to, item.name)];
    if (other === undefined) await rename(source, target);
    else if (!(item.isDirectory() && other.isDirectory() && (await mergeInto(target, source)))) return false;
  }
  return true;
}

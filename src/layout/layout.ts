import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ToolContext } from '../toolchain/context.ts';
import { plainMode } from '../toolchain/modes.ts';
import { addBytecode, type BytecodeOptions } from './bytecode/pyc.ts';
import { type Entry, type FrozenLayout, LAYOUT_FILE, type Manifest, seal } from './manifest.ts';
import { BUILT_SIGN } from './place.ts';
import { scan } from './scan.ts';
import { layoutExecutable } from './venv/executable.ts';
import { type MaterialiseOptions, materialise } from './venv/materialise.ts';

/** A layout that nothing has run in yet. */
export interface FreshLayout {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly executable: string;
  /** Null where it can't be moved, and so is neither cached nor archived; `reason` says why. */
  readonly manifest: Manifest | null;
  readonly reason: string | null;
}

/** Lays the PEX out and describes what came out. `script` is the entry's name where it is a console script. */
export async function freshLayout(
  options: MaterialiseOptions & { readonly script: string | null },
): Promise<FreshLayout> {
  const { folder, written } = await materialise(options);
  const executable = await layoutExecutable(folder, options.script);
  const scanned = await scan(folder, [], written);
  return scanned.kind === 'tree'
    ? { folder, executable, manifest: await withPlainModes(folder, scanned.manifest), reason: null }
    : { folder, executable, manifest: null, reason: `not relocatable: ${scanned.reason}` };
}

/** The umask of whoever builds has no say in what is shipped. */
async function withPlainModes(folder: string, manifest: Manifest): Promise<Manifest> {
  await chmod(folder, 0o755);
  const plain: Entry[] = [];
  for (const entry of manifest) {
    if (entry.kind === 'link') {
      plain.push(entry);
      continue;
    }
    const mode = entry.kind === 'directory' ? 0o755 : plainMode(entry.mode);
    if (mode !== entry.mode) await chmod(join(folder, entry.path), mode);
    plain.push(mode === entry.mode ? entry : { ...entry, mode });
  }
  return plain;
}

/**
 * After a passed run: gives the layout the compiled modules that it made for itself while it ran, and writes down in it
 * what was checked. What this returns is what is cached and archived.
 */
export async function finishLayout(
  folder: string,
  layout: FrozenLayout,
  runs: Pick<BytecodeOptions, 'added' | 'kept'>,
  context: ToolContext,
): Promise<FrozenLayout> {
  const manifest =
    layout.info.layout === 'venv'
      ? await addBytecode({ ...runs, folder, manifest: layout.manifest }, context)
      : layout.manifest;
  const finished = { info: layout.info, manifest };
  await mkdir(dirname(join(folder, LAYOUT_FILE)), { recursive: true });
  await writeFile(join(folder, LAYOUT_FILE), seal(finished));
  await rm(join(folder, BUILT_SIGN), { force: true });
  return finished;
}

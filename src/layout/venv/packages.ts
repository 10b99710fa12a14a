import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { partOf } from '../../part.ts';
import { isProblem } from '../../problem.ts';
import type { ToolContext } from '../../toolchain/context.ts';
import type { Manifest } from '../manifest.ts';
import { earlierPackages, takePackages, topOf } from './earlierPackages.ts';
import { type PackageFile, packageFiles, unpackFiles } from './wheelPackages.ts';

/** A wheel, by its file and that file's hash. */
interface WheelFile {
  readonly path: string;
  readonly sha256: string;
}

/** Packages on their way out of wheels, while a packager packs the same wheels. */
export interface Packages {
  /** Null where only the packager knows how to install them. Throws where the job is cancelled. */
  readonly unpacked: () => Promise<Unpacked | null>;
  /** To be called in the end: removes what is left of them. */
  readonly drop: () => Promise<void>;
}

export interface Unpacked {
  /** As `site-packages` will have them, on the file system of the layout. */
  readonly folder: string;
  /** All that is to lie there. */
  readonly files: Manifest;
  /**
   * To be called before the folder is used. `aside`: where the earlier layout lies now, which what it has of them is
   * taken from; null where it is gone.
   */
  readonly complete: (aside: string | null) => Promise<void>;
  /** Of the wheels that they are from a line each, as `sha256sum` prints it. */
  readonly sums: string;
}

export interface PackagesOptions {
  readonly wheels: readonly WheelFile[];
  /** Where the layout will lie. */
  readonly destination: string;
  /** Whether what an earlier job has left there may serve. */
  readonly mayReuse: boolean;
}

/** Begins to unpack. Nobody has to wait for it: `drop` does. */
export function openPackages(options: PackagesOptions, context: ToolContext): Packages {
  const folder = partOf(`${options.destination}.packages`);
  const dropped = new AbortController();
  const clean = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const cancel = AbortSignal.any([dropped.signal, ...(context.cancel ? [context.cancel] : [])]);
  const unpacked = unpack(options, folder, { ...context, cancel }).catch(async (error: unknown) => {
    await clean();
    if (isProblem(error) || cancel.aborted) throw error;
    // PEX tries it, too, and has words for it.
    context.log.debug(`PEX lays all of it out: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  });
  unpacked.catch(() => {});
  return {
    unpacked: () => unpacked,
    drop: async () => {
      dropped.abort();
      await unpacked.catch(() => null);
      await clean();
    },
  };
}

async function unpack(
  { wheels, destination, mayReuse }: PackagesOptions,
  folder: string,
  { env, cancel }: ToolContext,
): Promise<Unpacked> {
  await mkdir(folder, { recursive: true });
  const plain: { readonly wheel: WheelFile; readonly files: readonly PackageFile[] }[] = [];
  const wanted = new Map<string, PackageFile>();
  for (const wheel of wheels) {
    const listed = await packageFiles(wheel.path);
    if (listed === null) continue;
    plain.push({ wheel, files: listed.filter((file) => isNew(file, wanted)) });
    for (const file of listed) wanted.set(file.path, file);
  }
  const earlier = mayReuse ? await earlierPackages(destination, wanted, env) : null;
  const add = async (isWanted: (name: string) => boolean): Promise<void> => {
    for (const { wheel, files } of plain) {
      const missing = files.filter(({ path }) => isWanted(topOf(path)));
      if (missing.length > 0) await unpackFiles(wheel.path, missing, folder, cancel);
    }
  };
  await add((name) => earlier?.names.has(name) !== true);
  return {
    complete: async (aside) => {
      if (earlier === null) return;
      const paths = new Set(wanted.keys());
      const left = aside === null ? earlier.names : await takePackages(earlier, aside, paths, folder);
      await add((name) => left.has(name));
    },
    folder: join(await realpath(dirname(folder)), basename(folder)),
    files: [...wanted.values()].map(({ path, mode, size, sha256 }) => {
      return { kind: 'file', path, mode, size, sha256, tokens: false };
    }),
    sums: plain.map(({ wheel: { path, sha256 } }) => `${sha256}  ${basename(path)}\n`).join(''),
  };
}

/** Throws where another wheel has another file of that name. */
function isNew({ path, sha256, mode }: PackageFile, wanted: ReadonlyMap<string, PackageFile>): boolean {
  const other = wanted.get(path);
  if (other === undefined) return true;
  if (other.sha256 === sha256 && other.mode === mode) return false;
  throw new Error(`${path} is in two wheels`);
}

import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { partOf } from '../part.ts';
import { isProblem } from '../problem.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { type FileEntry, unpackPackages } from './wheelPackages.ts';

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
  readonly files: readonly FileEntry[];
  /** Of the wheels that they are from a line each, as `sha256sum` prints it. */
  readonly sums: string;
}

/** Begins to unpack. Nobody has to wait for it: `drop` does. */
export function openPackages(
  wheels: readonly WheelFile[],
  destination: string,
  { log, cancel }: ToolContext,
): Packages {
  const folder = partOf(`${destination}.packages`);
  const unpack = async (): Promise<Unpacked | null> => {
    try {
      await mkdir(folder, { recursive: true });
      const { wheels: plain, files } = await unpackPackages(wheels, folder, cancel);
      const sums = plain.map(({ path, sha256 }) => `${sha256}  ${basename(path)}\n`).join('');
      return { folder: join(await realpath(dirname(folder)), basename(folder)), files, sums };
    } catch (error) {
      if (isProblem(error) || cancel?.aborted === true) throw error;
      // PEX tries it, too, and has words for it.
      log.debug(`PEX lays all of it out: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  };
  const unpacked = unpack();
  unpacked.catch(() => {});
  return {
    unpacked: () => unpacked,
    drop: async () => {
      await unpacked.catch(() => null);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

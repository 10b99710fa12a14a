import {
  chmod,
  constants,
  copyFile,
  mkdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { moveIntoPlace, partOf, sweepParts } from '../part.ts';
import { mapBounded } from '../pool.ts';
import type { Entry, Manifest } from './manifest.ts';
import { checkPlace } from './place.ts';
import { placesOf } from './scan.ts';
import { fillIn, frozenBytes, type Places, TOKEN } from './tokens.ts';

export interface CopyOptions {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly destination: string;
  /** `filled`: a layout that runs where it lies. `frozen`: tokens stay in, for an archive. */
  readonly as: 'filled' | 'frozen';
}

/** Copies a layout to another place, where it runs; what the manifest doesn't list stays behind. Returns the place, links resolved. */
export async function copyLayout(options: CopyOptions): Promise<string> {
  const parent = dirname(options.destination);
  await mkdir(parent, { recursive: true });
  const destination = join(await realpath(parent), basename(options.destination));
  const holdsPaths = options.manifest.some((entry) => entry.kind === 'file' && entry.tokens);
  if (options.as === 'filled' && holdsPaths) checkPlace(destination);
  const from = await placesOf(options.folder);
  await sweepParts(destination);
  const part = partOf(destination);
  try {
    await mkdir(part);
    for (const entry of options.manifest) {
      if (entry.kind === 'directory') await mkdir(join(part, entry.path), { recursive: true });
    }
    const files = options.manifest.filter((entry) => entry.kind === 'file');
    const to = options.as === 'filled' ? { ...from, layout: destination } : null;
    await mapBounded(files, 16, (entry) => copyOne(entry, from, to, part));
    for (const entry of options.manifest) {
      if (entry.kind !== 'link') continue;
      if (entry.target !== TOKEN.python) await symlink(entry.target, join(part, entry.path));
      // An archive has none: its `relocate` makes it.
      else if (to !== null) await symlink(from.python ?? '', join(part, entry.path));
    }
    for (const entry of [...options.manifest].reverse()) {
      if (entry.kind === 'directory') await chmod(join(part, entry.path), entry.mode);
    }
    await moveIntoPlace(part, destination);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return destination;
}

async function copyOne(
  entry: Extract<Entry, { kind: 'file' }>,
  from: Places,
  to: Places | null,
  part: string,
): Promise<void> {
  const target = join(part, entry.path);
  if (!entry.tokens) {
    // A clone where the file system has them; a hard link would let the program write into the original.
    await copyFile(join(from.layout, entry.path), target, constants.COPYFILE_FICLONE);
    return;
  }
  const bytes = await readFile(join(from.layout, entry.path));
  const frozen = frozenBytes(entry.path, bytes, from);
  await writeFile(target, to === null ? frozen : fillIn(frozen, to));
  await chmod(target, entry.mode);
}

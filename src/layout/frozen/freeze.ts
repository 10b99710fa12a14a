import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { partOf, sweepParts } from '../../part.ts';
import { problem } from '../../problem.ts';
import { type FrozenLayout, LAYOUT_FILE, seal, sealJson } from '../manifest.ts';
import { placesOf } from '../scan.ts';
import { frozenBytes } from '../tokens.ts';
import { createTar, type TarWriter } from './tarWriter.ts';

/** The folders of a frozen layout's one file. */
export const FROZEN = { tree: 'layout', record: 'cache/record.json', artifact: 'artifact' } as const;

export interface FreezeOptions {
  readonly folder: string;
  readonly layout: FrozenLayout;
  /** The file that `layout.info.artifact` names. */
  readonly artifact: string | null;
  /** What belongs to this one check and not to the layout: kept beside it, as JSON. */
  readonly record: unknown;
  /** Written whole or not at all. */
  readonly file: string;
  readonly cancel?: AbortSignal;
}

/**
 * Writes a layout as one tar that is bound to no path. Links, modes and folders stand in its manifest alone.
 * Throws if a file is not what the manifest says: something has changed the layout since it was described.
 */
export async function freeze(options: FreezeOptions): Promise<{ readonly bytes: number }> {
  const part = partOf(options.file);
  await mkdir(dirname(options.file), { recursive: true });
  await sweepParts(options.file);
  try {
    const tar = await createTar(part, options.cancel);
    try {
      await fill(tar, options);
      await tar.end();
    } finally {
      await tar.close();
    }
    await rename(part, options.file);
  } finally {
    await rm(part, { force: true });
  }
  return { bytes: (await stat(options.file)).size };
}

async function fill(tar: TarWriter, { folder, layout, artifact, record }: FreezeOptions): Promise<void> {
  await tar.add({ name: `${FROZEN.tree}/${LAYOUT_FILE}`, mode: 0o644 }, Buffer.from(seal(layout)));
  await tar.add({ name: FROZEN.record, mode: 0o644 }, Buffer.from(sealJson(record)));
  const places = await placesOf(folder);
  for (const entry of layout.manifest) {
    if (entry.kind !== 'file') continue;
    const { path, mode, size, sha256 } = entry;
    const full = join(places.layout, path);
    const into = { name: `${FROZEN.tree}/${path}`, mode };
    let found: string | null;
    if (entry.tokens) {
      const frozen = frozenBytes(path, readFileSync(full), places);
      found = createHash('sha256').update(frozen).digest('hex');
      await tar.add(into, frozen);
    } else {
      found = await tar.addFrom(into, full, size);
    }
    if (found !== sha256) throw changed(path);
  }
  if (artifact !== null) {
    const expected = layout.info.artifact;
    const name = expected?.name ?? basename(artifact);
    const { size } = await stat(artifact);
    const found = await tar.addFrom({ name: `${FROZEN.artifact}/${name}`, mode: 0o755 }, artifact, size);
    if (expected !== null && found !== expected.sha256) throw changed(name);
  }
}

function changed(path: string): Error {
  return problem('internal', `${path} has changed since the layout was described`);
}

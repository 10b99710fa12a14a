import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import { partOf, sweepParts } from '../part.ts';
import { problem } from '../problem.ts';
import { type FrozenLayout, LAYOUT_FILE, seal, sealJson } from './manifest.ts';
import { placesOf } from './scan.ts';
import { frozenBytes } from './tokens.ts';

/** The folders of a frozen layout's one file. */
export const FROZEN = { tree: 'layout', record: 'cache/record.json', artifact: 'artifact' } as const;

/** No file in it has a time of its own: the same layout gives the same bytes. */
const TIME = new Date(315532800_000);

/** Bytes: small files reach the disk many at a time. */
const AT_ONCE = 1 << 22;

export interface FreezeOptions {
  readonly folder: string;
  readonly layout: FrozenLayout;
  /** The file that `layout.info.artifact` names. */
  readonly artifact: string | null;
  /** What belongs to this one check and not to the layout: kept beside it, as JSON. */
  readonly record: unknown;
  /** Written whole or not at all. */
  readonly file: string;
}

/**
 * Writes a layout as one tar that is bound to no path. Links, modes and folders stand in its manifest alone.
 * Throws if a file is not what the manifest says: something has changed the layout since it was described.
 */
export async function freeze(options: FreezeOptions): Promise<{ readonly bytes: number }> {
  // The default: a bundled CommonJS package has no other export when it is imported late.
  const { pack } = (await import('tar-stream')).default;
  const tar = pack();
  const part = partOf(options.file);
  await mkdir(dirname(options.file), { recursive: true });
  await sweepParts(options.file);
  try {
    const written = pipeline(tar, createWriteStream(part, { highWaterMark: AT_ONCE }));
    const filled = fill(tar, options).catch((error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
    // The cause is told, not what the broken pipe says of it.
    const [outcome, pipe] = await Promise.allSettled([filled, written]);
    if (outcome.status === 'rejected') throw outcome.reason;
    if (pipe.status === 'rejected') throw pipe.reason;
    await rename(part, options.file);
  } finally {
    await rm(part, { force: true });
  }
  return { bytes: (await stat(options.file)).size };
}

async function fill(tar: Pack, { folder, layout, artifact, record }: FreezeOptions): Promise<void> {
  await add(tar, `${FROZEN.tree}/${LAYOUT_FILE}`, 0o644, Buffer.from(seal(layout)));
  await add(tar, FROZEN.record, 0o644, Buffer.from(sealJson(record)));
  const places = await placesOf(folder);
  for (const entry of layout.manifest) {
    if (entry.kind !== 'file') continue;
    const bytes = readFileSync(join(places.layout, entry.path));
    const frozen = entry.tokens ? frozenBytes(entry.path, bytes, places) : bytes;
    if (createHash('sha256').update(frozen).digest('hex') !== entry.sha256) {
      throw problem('internal', `${entry.path} has changed since the layout was described`);
    }
    await add(tar, `${FROZEN.tree}/${entry.path}`, entry.mode, frozen);
  }
  if (artifact !== null) {
    const name = `${FROZEN.artifact}/${layout.info.artifact?.name ?? basename(artifact)}`;
    const { size } = await stat(artifact);
    await pipeline(
      createReadStream(artifact, { highWaterMark: AT_ONCE }),
      tar.entry({ name, mode: 0o755, size, mtime: TIME }),
    );
  }
  tar.finalize();
}

function add(tar: Pack, name: string, mode: number, bytes: Buffer): Promise<void> {
  return new Promise((done, failed) => {
    tar.entry({ name, mode, size: bytes.length, mtime: TIME }, bytes, (error) => {
      if (error instanceof Error) failed(error);
      else done();
    });
  });
}

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { sealJson, unsealJson } from '../layout/manifest.ts';
import { unsafePath } from '../layout/paths.ts';
import { stage } from '../layout/stage.ts';
import { partOf } from '../part.ts';
import type { Wheel } from './model.ts';

/** A wheel, and the digest of the lock's line that it was built for. */
export interface PackedWheel extends Wheel {
  readonly line: string;
}

const RECORD = 'wheels.json';
/** Bytes; more than any record has. */
const RECORD_LIMIT = 1 << 20;
const TIME = new Date(315532800_000);

const recordSchema = v.array(
  v.object({ file: v.string(), name: v.string(), sha256: v.string(), line: v.string() }),
);
type Listed = v.InferOutput<typeof recordSchema>[number];

/** Writes wheels as one tar, whole or not at all. */
export async function packWheels(wheels: readonly PackedWheel[], file: string): Promise<void> {
  // The default: a bundled CommonJS package has no other export when it is imported late.
  const { pack } = (await import('tar-stream')).default;
  const part = partOf(file);
  await mkdir(dirname(file), { recursive: true });
  const tar = pack();
  const fill = async (): Promise<void> => {
    const listed = wheels.map(({ path, name, sha256, line }): Listed => {
      return { file: basename(path), name, sha256, line };
    });
    tar.entry({ name: RECORD, mode: 0o644, mtime: TIME }, sealJson(listed));
    for (const { path } of wheels) {
      const { size } = await stat(path);
      const entry = tar.entry({ name: basename(path), mode: 0o644, size, mtime: TIME });
      await pipeline(createReadStream(path), entry);
    }
    tar.finalize();
  };
  try {
    const written = pipeline(tar, createWriteStream(part));
    const filled = fill().catch((error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
    // The cause is told, not what the broken pipe says of it.
    const [outcome, pipe] = await Promise.allSettled([filled, written]);
    if (outcome.status === 'rejected') throw outcome.reason;
    if (pipe.status === 'rejected') throw pipe.reason;
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * The wheels of a tar that are wanted, below `folder`, which nobody else writes to. Throws for whatever is not as it was
 * packed; then some of them may lie there.
 */
export async function unpackWheels(
  file: string,
  folder: string,
  wanted: (line: string) => boolean,
): Promise<readonly PackedWheel[]> {
  const { extract } = (await import('tar-stream')).default;
  const source = createReadStream(file);
  const tar = extract();
  source.on('error', (error) => void tar.destroy(error));
  source.pipe(tar);
  let listed: readonly Listed[] | null = null;
  const found: PackedWheel[] = [];
  try {
    for await (const entry of tar) {
      const { name, size = 0, type } = entry.header;
      if (listed === null) {
        if (name !== RECORD || size > RECORD_LIMIT) throw new Error('the record is missing');
        const sealed = unsealJson(await text(entry));
        if (sealed === null) throw new Error('the record is not what was written');
        listed = v.parse(recordSchema, sealed.value);
        continue;
      }
      const known = listed.find((wheel) => wheel.file === name);
      if (known === undefined || type !== 'file' || !isPlain(name)) {
        throw new Error(`${JSON.stringify(name)} was added`);
      }
      if (!wanted(known.line)) {
        entry.resume();
        continue;
      }
      const { sha256 } = await stage(folder, name, 0o644, entry);
      if (sha256 !== known.sha256) throw new Error(`${name} has other content`);
      found.push({ path: join(folder, name), name: known.name, sha256, line: known.line });
    }
  } finally {
    source.destroy();
    tar.destroy();
  }
  const missing = listed?.find(
    ({ file: name, line }) => wanted(line) && !found.some(({ path }) => basename(path) === name),
  );
  if (listed === null || missing !== undefined) throw new Error(`${missing?.file ?? RECORD} is missing`);
  return found;
}

function isPlain(name: string): boolean {
  return unsafePath(name) === null && !name.includes('/') && name.endsWith('.whl');
}

import * as v from 'valibot';
import { sha256Of } from '../../digest.ts';
import { readPrivate, writePrivate } from '../../privateFile.ts';
import { sealJson, unsealJson } from '../manifest.ts';

/** A module that can be compiled. */
export interface Module {
  /** Relative to the layout; it ends up in the bytes. */
  readonly path: string;
  /** Of its source. */
  readonly sha256: string;
}

/** Compiled modules in one file, by the module that they were compiled from: a file for each costs more than to compile it. */
export interface Pack {
  /** Null for what is not in it, or is not what was put in. */
  readonly take: (module: Module) => Buffer | null;
  /** Everything in it, the last used first. */
  readonly modules: readonly Module[];
}

/** Bytes; some ten thousand modules. */
const LIMIT = 1 << 27;
/** Bytes of the number that says how long the list is. */
const PREFIX = 8;

/** A list of what stands behind it, in that order. */
const schema = v.array(
  v.strictObject({ path: v.string(), source: v.string(), sha256: v.string(), size: v.number() }),
);
type Listed = v.InferOutput<typeof schema>[number];

/** Empty where there is none, it can't be read, or it may be somebody else's. */
export function readPack(file: string): Pack {
  try {
    const bytes = readPrivate(file);
    return bytes === null ? EMPTY : packIn(bytes);
  } catch {
    return EMPTY;
  }
}

const EMPTY: Pack = { take: () => null, modules: [] };

function packIn(bytes: Buffer): Pack {
  const start = PREFIX + Number(bytes.readBigUInt64LE(0));
  const sealed = unsealJson(bytes.toString('utf8', PREFIX, start));
  const parsed = v.safeParse(schema, sealed?.value);
  if (!parsed.success) return EMPTY;
  const places = new Map<string, { readonly at: number; readonly listed: Listed }>();
  let at = start;
  for (const listed of parsed.output) {
    places.set(nameOf({ path: listed.path, sha256: listed.source }), { at, listed });
    at += listed.size;
  }
  return {
    take: (module) => {
      const place = places.get(nameOf(module));
      if (place === undefined) return null;
      const found = bytes.subarray(place.at, place.at + place.listed.size);
      return sha256Of(found) === place.listed.sha256 ? found : null;
    },
    modules: parsed.output.map(({ path, source }) => ({ path, sha256: source })),
  };
}

/** Writes what was used now, and of what was used before as much as there is room for. Whole or not at all. */
export async function writePack(
  file: string,
  used: readonly { readonly module: Module; readonly bytes: Buffer }[],
  before: Pack,
  limit = LIMIT,
): Promise<void> {
  const list: Listed[] = [];
  const chunks: Buffer[] = [];
  const names = new Set<string>();
  let total = 0;
  const put = (module: Module, bytes: Buffer | null): void => {
    const name = nameOf(module);
    if (bytes === null || names.has(name) || total + bytes.length > limit) return;
    names.add(name);
    total += bytes.length;
    list.push({ path: module.path, source: module.sha256, sha256: sha256Of(bytes), size: bytes.length });
    chunks.push(bytes);
  };
  for (const { module, bytes } of used) put(module, bytes);
  for (const module of before.modules) if (!names.has(nameOf(module))) put(module, before.take(module));
  const head = Buffer.from(sealJson(list));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeBigUInt64LE(BigInt(head.length));
  await writePrivate(file, [prefix, head, ...chunks]);
}

const nameOf = ({ path, sha256 }: Module): string => `${sha256} ${path}`;

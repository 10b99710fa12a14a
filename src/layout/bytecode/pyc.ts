import {
  chmodSync,
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256Of } from '../../digest.ts';
import { markUsed } from '../../privateFile.ts';
import type { ToolContext } from '../../toolchain/context.ts';
import { type CachePlace, cacheRoot } from '../../toolchain/paths.ts';
import type { Entry, Manifest } from '../manifest.ts';
import { byBytes, parentsOf } from '../paths.ts';
import { placesOf } from '../scan.ts';
import { type Places, tokenise } from '../tokens.ts';
import { type Module, type Pack, readPack, writePack } from './bytecodePack.ts';
import { bytecodeIdentity, compile } from './compile.ts';

export interface BytecodeOptions {
  /** The layout that is shipped. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What came while it ran, relative to it: what it compiled for itself is what a start needs. */
  readonly added: readonly string[];
  /** Where modules are kept that were compiled before; null for nowhere. */
  readonly kept: CachePlace | null;
}

interface Wanted {
  readonly source: Extract<Entry, { kind: 'file' }>;
  readonly target: string;
}

/** Gives the layout what it had compiled for itself, compiled by us. Returns the manifest with the new files. */
export async function addBytecode(
  { folder, manifest, added: came, kept }: BytecodeOptions,
  context: ToolContext,
): Promise<Manifest> {
  const known = new Map(manifest.map((entry) => [entry.path, entry]));
  const wanted: Wanted[] = [];
  for (const target of [...came].sort(byBytes)) {
    const match = /^(.*)__pycache__\/([^/]+)\.[a-z]+-?\d+\.pyc$/.exec(target);
    const source = known.get(`${match?.[1] ?? ''}${match?.[2] ?? ''}.py`);
    if (match !== null && !known.has(target) && source?.kind === 'file') wanted.push({ source, target });
  }
  if (wanted.length === 0) return manifest;
  const places = await placesOf(folder);
  const compiled = await compiledOf(places, wanted, kept, context);

  const entries: Entry[] = [...manifest];
  const made = new Set<string>();
  for (const { source, target } of wanted) {
    const bytes = compiled.get(source.path);
    // What did not compile is no loss: the interpreter does it at each start, as it did before.
    // Nor is what names the place of the layout, and could lie nowhere else.
    if (bytes === undefined || tokenise(target, bytes, places).kind !== 'unchanged') continue;
    for (const parent of parentsOf(target)) {
      if (known.has(parent) || made.has(parent)) continue;
      mkdirSync(join(places.layout, parent), { recursive: true });
      chmodSync(join(places.layout, parent), FOLDER_MODE);
      entries.push({ kind: 'directory', path: parent, mode: FOLDER_MODE });
      made.add(parent);
    }
    writeModule(join(places.layout, target), bytes);
    const file = { size: bytes.length, sha256: sha256Of(bytes), tokens: false };
    entries.push({ kind: 'file', path: target, mode: FILE_MODE, ...file });
    // Signals and other work have their turn.
    if (entries.length % BREATH === 0) await setImmediate();
  }
  return entries.sort((a, b) => byBytes(a.path, b.path));
}

const BREATH = 64;
/** The umask of whoever builds has no say in what is shipped. */
const [FILE_MODE, FOLDER_MODE] = [0o644, 0o755];

/** By the paths of the sources. What was compiled before is taken, the rest is compiled and kept. */
async function compiledOf(
  places: Places,
  wanted: readonly Wanted[],
  kept: CachePlace | null,
  context: ToolContext,
): Promise<ReadonlyMap<string, Buffer>> {
  const folder = places.layout;
  const modules = wanted.flatMap(({ source }) => moduleOf(source, places) ?? []);
  const identity = kept === null ? null : await bytecodeIdentity(folder, context);
  if (kept === null || identity === null) return compile(folder, modules, context);
  const file = join(cacheRoot(kept.env), 'bytecode', identity);
  const pack = readPack(file);
  const found = new Map<string, Buffer>();
  for (const { source } of wanted) {
    const bytes = isKept(source) ? pack.take(source) : null;
    if (bytes !== null) found.set(source.path, bytes);
  }
  const rest = modules.filter(({ path }) => !found.has(path));
  if (rest.length > 0) {
    for (const [path, bytes] of await compile(folder, rest, context)) found.set(path, bytes);
  }
  await keep({ file, pack, wanted, found, isNew: rest.length > 0 }, kept, context);
  return found;
}

interface Result {
  readonly file: string;
  readonly pack: Pack;
  readonly wanted: readonly Wanted[];
  readonly found: ReadonlyMap<string, Buffer>;
  readonly isNew: boolean;
}

/** For the next layout. Never throws: it is only slower without. */
async function keep(
  { file, pack, wanted, found, isNew }: Result,
  { write }: CachePlace,
  { log }: ToolContext,
): Promise<void> {
  if (!write) return;
  const used = wanted.flatMap(({ source }) => {
    const bytes = found.get(source.path);
    return bytes === undefined || !isKept(source) ? [] : [{ module: source, bytes }];
  });
  try {
    if (isNew) await writePack(file, used, pack);
    else await markUsed(file);
  } catch (error) {
    log.debug(`compiled modules are not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The hash of one that names the layout's place is of its tokenised form: its bytes are another's elsewhere. */
function isKept(source: Wanted['source']): boolean {
  return !source.tokens;
}

/** With the hash of what lies in this place; null where that is not what the manifest says. */
function moduleOf({ path, sha256, tokens }: Wanted['source'], places: Places): Module | null {
  if (!tokens) return { path, sha256 };
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(places.layout, path));
  } catch {
    return null;
  }
  const outcome = tokenise(path, bytes, places);
  const isListed = outcome.kind === 'tokenised' && sha256Of(outcome.bytes) === sha256;
  return isListed ? { path, sha256: sha256Of(bytes) } : null;
}

function writeModule(path: string, bytes: Buffer): void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch {
    // What was left of the runs came back.
    rmSync(path, { recursive: true, force: true });
    file = openSync(path, 'wx', 0o600);
  }
  try {
    writeFileSync(file, bytes);
    fchmodSync(file, FILE_MODE);
  } finally {
    closeSync(file);
  }
}

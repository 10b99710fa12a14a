import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Entry, type Manifest, OWN_FOLDER } from './manifest.ts';
import { byBytes, linkStaysInside, unsafePath } from './paths.ts';
import { type Places, TOKEN, type Tokenised, tokenise } from './tokens.ts';

export type Scan =
  | { readonly kind: 'tree'; readonly manifest: Manifest; readonly places: Places }
  | { readonly kind: 'not-relocatable'; readonly reason: string };

/**
 * Describes every file, link and folder of a layout in its tokenised form. Nothing but the tree is asked: the
 * layout's own `pyvenv.cfg` and interpreter link say which interpreter is meant. Files that `known` lists without
 * tokens are taken as they are: below `/app`, a library may well speak of another `/app`. What `written` lists has been
 * written just now by who knows it, and is not read.
 */
export async function scan(folder: string, known: Manifest = [], written: Manifest = []): Promise<Scan> {
  const places = await placesOf(folder);
  const given = new Map(written.map((entry) => [entry.path, entry]));
  const plain = new Set<string>();
  for (const entry of known) if (entry.kind === 'file' && !entry.tokens) plain.add(entry.path);
  const paths = await walk(places.layout, '');
  const manifest: Entry[] = [];
  for (const path of paths.sort(byBytes)) {
    const entry = given.get(path) ?? describe(places, path, plain.has(path));
    if (typeof entry === 'string') return { kind: 'not-relocatable', reason: entry };
    // Signals and other work have their turn.
    if (manifest.push(entry) % BREATH === 0) await setImmediate();
  }
  return { kind: 'tree', manifest, places };
}

/** Where a layout that lies in `folder` says that it and its interpreter are. */
export async function placesOf(folder: string): Promise<Places> {
  const layout = await realpath(folder);
  const config = await readFile(join(layout, 'pyvenv.cfg'), 'utf8').catch(() => '');
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(config)?.[1] ?? null;
  const links = await readdir(join(layout, 'bin')).catch(() => []);
  for (const name of links.filter(isPython).sort(byBytes)) {
    const target = await readlink(join(layout, 'bin', name)).catch(() => '');
    if (isAbsolute(target)) return { layout, python: target, home };
  }
  return { layout, python: null, home };
}

const BREATH = 64;

/**
 * One entry, or why it can't travel. Synchronous: a layout has thousands of small files, and a trip through the thread
 * pool costs more than the file.
 */
export function describe(places: Places, path: string, plain = false): Entry | string {
  const fault = unsafePath(path);
  if (fault !== null) return `${JSON.stringify(path)}: its name ${fault}`;
  const full = join(places.layout, path);
  const stats = lstatSync(full);
  const mode = stats.mode & 0o777;
  if (stats.isDirectory()) return { kind: 'directory', path, mode };
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(full);
    if (isInterpreterLink(path) && target === places.python) {
      return { kind: 'link', path, target: TOKEN.python };
    }
    return linkStaysInside(path, target)
      ? { kind: 'link', path, target }
      : `${path}: it links to ${target}, outside of the layout`;
  }
  if (!stats.isFile()) return `${path}: it is neither a file nor a folder nor a link`;
  const bytes = readFileSync(full);
  const outcome = plain ? UNCHANGED : tokenise(path, bytes, places);
  if (outcome.kind === 'not-relocatable') return `${path}: ${outcome.reason}`;
  const frozen = outcome.kind === 'tokenised' ? outcome.bytes : bytes;
  return {
    kind: 'file',
    path,
    mode,
    size: frozen.length,
    sha256: createHash('sha256').update(frozen).digest('hex'),
    tokens: outcome.kind === 'tokenised',
  };
}

const UNCHANGED: Tokenised = { kind: 'unchanged' };

export async function walk(root: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const item of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    // PEX stamps `.last-access` at each run: it says nothing about the layout.
    if (path === OWN_FOLDER || item.name === '.last-access') continue;
    found.push(path);
    if (item.isDirectory()) found.push(...(await walk(root, path)));
  }
  return found;
}

function isInterpreterLink(path: string): boolean {
  return dirname(path) === 'bin' && isPython(basename(path));
}

function isPython(name: string): boolean {
  return /^(python|pypy)[\d.]*$/.test(name);
}

/**
 * What stands in a frozen layout where a path of one machine stood. Frozen layouts are the same, byte for byte,
 * wherever they were made; the values are filled in where they are thawed.
 */
export const TOKEN = {
  /** The layout's own folder. */
  layout: '@@EXITPROOF_LAYOUT@@',
  /** The folder of the base interpreter's executable. */
  home: '@@EXITPROOF_PYTHON_HOME@@',
  /** The base interpreter's executable. */
  python: '@@EXITPROOF_PYTHON@@',
} as const;

export interface Places {
  /** Absolute, links resolved. */
  readonly layout: string;
  /** The base interpreter's executable, absolute; null for a tree that has none. */
  readonly python: string | null;
  /** As `pyvenv.cfg` names it. */
  readonly home: string | null;
}

export type Tokenised =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'tokenised'; readonly bytes: Buffer }
  | { readonly kind: 'not-relocatable'; readonly reason: string };

/**
 * The interpreter's own paths are replaced in `pyvenv.cfg` alone: `/usr/bin` elsewhere (`#!/usr/bin/env`) means
 * the machine's folder, not the interpreter's home.
 */
export function tokenise(path: string, bytes: Buffer, places: Places): Tokenised {
  const config = path === 'pyvenv.cfg';
  const wanted: [string, string][] = [[places.layout, TOKEN.layout]];
  if (config && places.python !== null) wanted.push([places.python, TOKEN.python]);
  if (config && places.home !== null) wanted.push([places.home, TOKEN.home]);
  // The longest first: the home is the beginning of the executable's path.
  wanted.sort((a, b) => b[0].length - a[0].length);
  if (!wanted.some(([place]) => bytes.includes(place))) return { kind: 'unchanged' };
  if (bytes.includes(0)) {
    return { kind: 'not-relocatable', reason: 'a binary file contains the path of the layout' };
  }
  if (Object.values(TOKEN).some((token) => bytes.includes(token))) {
    return { kind: 'not-relocatable', reason: 'the file contains one of the tokens that stand for paths' };
  }
  // latin1 maps every byte to one character and back, whatever the file's encoding is.
  const before = bytes.toString('latin1');
  let text = before;
  for (const [place, token] of wanted) text = text.replace(wholePath(place), () => token);
  return text === before ? { kind: 'unchanged' } : { kind: 'tokenised', bytes: Buffer.from(text, 'latin1') };
}

/** The tokenised form of a file that is known to have one. */
export function frozenBytes(path: string, bytes: Buffer, places: Places): Buffer {
  const outcome = tokenise(path, bytes, places);
  return outcome.kind === 'tokenised' ? outcome.bytes : bytes;
}

/** The inverse of `tokenise`. */
export function fillIn(bytes: Buffer, places: Places): Buffer {
  const text = bytes
    .toString('latin1')
    .replaceAll(TOKEN.layout, () => latin1(places.layout))
    .replaceAll(TOKEN.home, () => latin1(places.home ?? ''))
    .replaceAll(TOKEN.python, () => latin1(places.python ?? ''));
  return Buffer.from(text, 'latin1');
}

function wholePath(place: string): RegExp {
  // `/x/layout` is not meant by `/x/layout2`, `/x/layout.old` or `/mnt/x/layout`.
  return new RegExp(
    `(?<![\\w.-])${latin1(place).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-]|\\.\\w)`,
    'g',
  );
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

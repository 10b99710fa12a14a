import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { BaseInterpreter } from '../../../src/layout/interpreter.ts';
import type { FrozenLayout, LayoutInfo, Manifest } from '../../../src/layout/manifest.ts';
import { scan } from '../../../src/layout/scan.ts';

/** A piece of a file's text; `layout` is the folder that the tree lies in, as it stands in a script. */
export type Piece = string | { readonly place: 'layout' };

export interface Tree {
  readonly files: readonly {
    readonly path: string;
    readonly mode: number;
    readonly pieces: readonly Piece[];
  }[];
  readonly binaries: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly empty: readonly string[];
}

const segment = fc.stringMatching(/^[a-z_][a-zé0-9 ._-]{0,7}[a-z0-9]$/);
const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
  fc.constant<Piece>({ place: 'layout' }),
  fc.constantFrom('\n', '/bin/python', '@@', '\r\n', '"', '/usr/bin/env'),
);

/** Trees of at most a dozen things, three folders deep, whose paths don't meet. */
export const trees: fc.Arbitrary<Tree> = fc
  .record({
    names: fc.uniqueArray(segment, { minLength: 4, maxLength: 12 }),
    depths: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 12, maxLength: 12 }),
    kinds: fc.array(fc.constantFrom('file', 'file', 'binary', 'link', 'empty'), {
      minLength: 12,
      maxLength: 12,
    }),
    modes: fc.array(fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0o777), { minLength: 12, maxLength: 12 }),
    pieces: fc.array(fc.array(piece, { maxLength: 6 }), { minLength: 12, maxLength: 12 }),
    bytes: fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 12, maxLength: 12 }),
  })
  .map(({ names, depths, kinds, modes, pieces, bytes }) => {
    const all = names.map((name, index) => ({
      kind: kinds[index] ?? 'file',
      path: [...['lib', 'sub folder'].slice(0, depths[index] ?? 0), `${name}-${index}`].join('/'),
      mode: modes[index] ?? 0o644,
      pieces: pieces[index] ?? [],
      bytes: Uint8Array.from([0, ...(bytes[index] ?? [])]),
    }));
    const of = (kind: string) => all.filter((item) => item.kind === kind);
    return {
      files: of('file'),
      binaries: of('binary'),
      links: of('link').map(({ path }) => ({
        path,
        target: `${'../'.repeat(path.split('/').length - 1)}pyvenv.cfg`,
      })),
      empty: of('empty').map(({ path }) => path),
    };
  });

export const BASE: BaseInterpreter = {
  python: '/opt/first/bin/python3.12',
  home: '/opt/first/bin',
  version: '3.12.1',
  implementation: 'CPython',
  soabi: 'cpython-312-x86_64-linux-gnu',
};
export const OTHER: BaseInterpreter = { ...BASE, python: '/srv/other/python3.12', home: '/srv/other' };

/** Writes the tree as PEX would lay it out for `interpreter`. */
export function plant(folder: string, tree: Tree, interpreter: BaseInterpreter): void {
  const put = (path: string, bytes: string | Uint8Array, mode: number): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    chmodSync(join(folder, path), mode);
  };
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const lines = [
    `home = ${interpreter.home}`,
    `executable = ${interpreter.python}`,
    `command = ${interpreter.python} -m venv --without-pip ${folder}`,
  ];
  put('pyvenv.cfg', `${lines.join('\n')}\n`, 0o644);
  put('bin/tool', `#!${folder}/bin/python3.12 -I\nprint("#!/usr/bin/env python")\n`, 0o755);
  symlinkSync(interpreter.python, join(folder, 'bin/python3.12'));
  symlinkSync('python3.12', join(folder, 'bin/python'));
  for (const { path, mode, pieces } of tree.files) {
    put(path, pieces.map((part) => (typeof part === 'string' ? part : `"${folder}/`)).join(''), mode);
  }
  for (const { path, bytes } of tree.binaries) put(path, bytes, 0o755);
  for (const path of tree.empty) mkdirSync(join(folder, path), { recursive: true, mode: 0o755 });
  for (const { path, target } of tree.links) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
}

/** Everything below a folder but exitproof's own, as comparable lines. */
export function snapshot(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      if (path === '.exitproof') return [];
      const stats = lstatSync(join(folder, path));
      const mode = (stats.mode & 0o777).toString(8);
      if (stats.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(folder, path))}`];
      if (stats.isDirectory()) return [`${path}/ ${mode}`, ...snapshot(folder, path)];
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
      return [`${path} ${mode} ${hash}`];
    });
}

export async function manifestOf(folder: string): Promise<Manifest> {
  const found = await scan(folder);
  if (found.kind !== 'tree') throw new Error(found.reason);
  return found.manifest;
}

export const INFO: LayoutInfo = {
  exitproof: '0.1.0',
  commit: null,
  verdict: 'passed',
  entry: 'tool',
  layout: 'venv',
  executable: 'bin/tool',
  interpreter: { implementation: 'CPython', version: '3.12.1', soabi: '' },
  platform: null,
  artifact: null,
};

export async function layoutOf(folder: string): Promise<FrozenLayout> {
  return { info: INFO, manifest: await manifestOf(folder) };
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/** The folder that holds package.json, whether this runs from `src/` or from a chunk of `dist/`. */
function packageRoot(): string {
  if (root !== undefined) return root;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('exitproof: its own package.json is missing');
    folder = parent;
  }
  root = folder;
  return folder;
}

/** A file that ships beside `dist/` and is read at run time: the probe, the tools' locks. */
export function asset(...parts: readonly string[]): string {
  return join(packageRoot(), ...parts);
}

export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(asset('package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A script beside the packages, by its path from them, with its hash and size. */
const SCRIPT = /^((?:\.\.\/)+(bin\/[^",\n]+)),sha256=[\w-]+,\d*$/gm;

/**
 * Takes the hashes of scripts out of the `RECORD` of each distribution, where they name the layout's path: they would be
 * other ones at every place, and are wrong after the first move.
 */
export async function forgetScriptHashes(folder: string): Promise<void> {
  for (const packages of await packageFolders(folder)) {
    for (const name of await readdir(packages)) {
      if (!name.endsWith('.dist-info')) continue;
      const file = join(packages, name, 'RECORD');
      const text = await readFile(file, 'utf8').catch(() => '');
      const bound = new Set<string>();
      for (const [, , script = ''] of text.matchAll(SCRIPT)) {
        const bytes = await readFile(join(folder, script)).catch(() => null);
        if (bytes?.includes(folder) === true) bound.add(script);
      }
      if (bound.size === 0) continue;
      await writeFile(
        file,
        text.replace(SCRIPT, (line, path: string, script: string) =>
          bound.has(script) ? `${path},,` : line,
        ),
      );
    }
  }
}

async function packageFolders(folder: string): Promise<string[]> {
  const lib = join(folder, 'lib');
  const names = await readdir(lib).catch(() => []);
  const found = names.map((name) => join(lib, name, 'site-packages'));
  const there = await Promise.all(
    found.map((path) =>
      readdir(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.filter((_, index) => there[index]);
}

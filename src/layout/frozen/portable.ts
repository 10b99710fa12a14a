import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File } from '../../digest.ts';
import { mapBounded } from '../../pool.ts';
import { problem } from '../../problem.ts';
import { copyLayout } from '../copy.ts';
import { boundAbi } from '../fit.ts';
import { shortVersion } from '../interpreter.ts';
import { type FrozenLayout, LAYOUT_FILE, OWN_FOLDER, seal } from '../manifest.ts';
import { TOKEN } from '../tokens.ts';
import { RELOCATE } from './relocate.ts';

type List = readonly [name: string, lines: readonly string[]];

export interface PortableOptions {
  readonly folder: string;
  readonly layout: FrozenLayout;
  readonly destination: string;
}

/**
 * A copy of a layout that is bound to no path, for an archive: the same bytes wherever the layout lay. A venv layout runs
 * after its own `.exitproof/relocate`, or once `exitproof restore --archive` has unpacked it; any other as it is. Returns
 * its folder.
 *
 * @throws a `build` problem where a file is not what the manifest says: something has changed it since it was described.
 */
export async function writePortable({ folder, layout, destination }: PortableOptions): Promise<string> {
  const portable = await copyLayout({ folder, manifest: layout.manifest, destination, as: 'frozen' });
  const files = layout.manifest.filter((entry) => entry.kind === 'file');
  await mapBounded(files, 4, async ({ path, sha256 }) => {
    if ((await sha256File(join(portable, path))) === sha256) return;
    throw problem('build', `no archive: ${path} in ${folder} has changed since the program was checked`);
  });
  const own = join(portable, OWN_FOLDER);
  await mkdir(own);
  const links = layout.manifest.filter((entry) => entry.kind === 'link' && entry.target === TOKEN.python);
  const sums: List = ['sha256sums', files.map((file) => `${file.sha256}  ${file.path}`)];
  const relocation: readonly List[] = [
    ['filled', files.filter((file) => file.tokens).map((file) => file.path)],
    ['python-links', links.map((link) => link.path)],
    ['python-abi', [boundAbi(layout.info)]],
    ['python-version', [shortVersion(layout.info.interpreter.version)]],
    ['executable', [layout.info.executable]],
  ];
  const movable = layout.info.layout !== 'venv';
  const lists = movable ? [sums] : [sums, ...relocation];
  for (const [name, lines] of lists) {
    await writeFile(join(own, name), lines.map((line) => `${line}\n`).join(''));
  }
  await writeFile(join(portable, LAYOUT_FILE), seal(layout));
  if (!movable) await writeFile(join(own, 'relocate'), RELOCATE);
  // The umask has no say in an archive's modes.
  for (const [name] of lists) await chmod(join(own, name), 0o644);
  await chmod(join(portable, LAYOUT_FILE), 0o644);
  if (!movable) await chmod(join(own, 'relocate'), 0o755);
  await chmod(own, 0o755);
  await chmod(portable, 0o755);
  return portable;
}

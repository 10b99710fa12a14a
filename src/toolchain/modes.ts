import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The mode of a file that is shipped, by the one that it has: only whether its owner may execute it counts. */
export function plainMode(mode: number): 0o644 | 0o755 {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

/** The umask of whoever builds has no say in what is shipped. */
export async function normaliseModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) await normaliseModes(path);
    else if (item.isFile()) await chmod(path, plainMode((await stat(path)).mode));
  }
}

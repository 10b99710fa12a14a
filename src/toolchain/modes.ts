import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The umask of whoever builds has no say in what is shipped. */
export async function normaliseModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) await normaliseModes(path);
    else if (item.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}

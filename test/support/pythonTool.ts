import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs keep what can be made again. */
export function caches(): string {
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
}

/** Path of a command that a package of the Python index brings; installed once a machine, apart from all else. */
export function pythonTool(distribution: string, version: string, command: string): string {
  const folder = join(caches(), 'exitproof-test', `${distribution}-${version}`);
  const path = join(folder, command);
  if (existsSync(path)) return path;
  // Complete before it is there: two test files may want it at once.
  const part = `${folder}.part-${process.pid}`;
  mkdirSync(part, { recursive: true });
  try {
    execFileSync('python3', ['-m', 'venv', join(part, 'venv')], { stdio: 'ignore' });
    const python = join(part, 'venv', 'bin', 'python');
    execFileSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--target', join(part, 'lib'), `${distribution}==${version}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    // The commands of both tools are native programs, so they run from where they are moved to.
    renameSync(join(part, 'lib', 'bin'), join(part, 'bin'));
    if (!existsSync(folder)) renameSync(join(part, 'bin'), folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return path;
}

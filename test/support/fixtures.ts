import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from './tmp.ts';

/** A private copy of a small project, as a git checkout with one commit. Returns its folder. */
export function checkoutOf(project: string): string {
  const folder = join(temporaryFolder('checkout'), basename(project));
  cpSync(project, folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main');
  commitAll(folder, 'start');
  return folder;
}

export function commitAll(folder: string, message: string): void {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
}

/** What `git` printed. The machine's own settings have no say: hooks and signing would. */
export function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];
  const done = spawnSync('git', [...identity, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

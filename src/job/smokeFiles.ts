import { accessSync, constants } from 'node:fs';
import { type Problem, problem } from '../problem.ts';
import { placed, quoted } from '../settings/refusal.ts';
import type { Settings } from '../settings/settings.ts';
import { statsOf } from '../stats.ts';
import { shownPath } from './paths.ts';

/**
 * A folder or an input of a smoke run that is not there would look like a program that doesn't start.
 *
 * @throws a `settings` problem on the first one.
 */
export function refuseMissingFiles({ smoke, stdin, cwd }: Pick<Settings, 'smoke' | 'stdin' | 'cwd'>): void {
  for (const [index, run] of smoke.entries()) {
    const at = `smoke[${index + 1}]`;
    if (run.cwd !== null && statsOf(run.cwd)?.isDirectory() !== true) {
      throw missing(`${at}.cwd`, shownPath(run.cwd, cwd), 'a folder that exists');
    }
    if (run.stdin.kind === 'file' && !isReadable(run.stdin.path)) {
      const name = run.stdin === stdin ? 'stdin' : `${at}.stdin`;
      throw missing(name, `file:${shownPath(run.stdin.path, cwd)}`, 'a file that can be read');
    }
  }
}

/** Only a table of pyproject.toml can name them. */
function missing(name: string, got: string, takes: string): Problem {
  return problem('settings', `${placed(name, 'pyproject')}: got ${quoted(got)}, takes ${takes}`);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statsOf(path)?.isDirectory() === false;
  } catch {
    return false;
  }
}

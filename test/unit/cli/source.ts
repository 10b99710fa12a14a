import { spawn } from 'node:child_process';
import { NODE_24 } from '../../support/cli.ts';
import { inRepository } from '../../support/paths.ts';

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The CLI as it is now, not as it was last built. */
export function cli(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  onSpawn: (pid: number) => void = () => {},
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE_24, [inRepository('src', 'cli.ts'), ...argv], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) onSpawn(child.pid);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Interpreters of version `short` (X.Y) that pyenv or actions/setup-python installed, newest first.
 * They are looked at only when that version was asked for by name and PATH has none.
 */
export function installedVersions(
  short: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const home = env['HOME'];
  const pyenv = env['PYENV_ROOT'] ?? (home === undefined ? undefined : join(home, '.pyenv'));
  const toolCache = env['RUNNER_TOOL_CACHE'] ?? env['AGENT_TOOLSDIRECTORY'];
  return [
    ...below(pyenv === undefined ? undefined : join(pyenv, 'versions'), short, ['bin/python']),
    ...below(toolCache === undefined ? undefined : join(toolCache, 'Python'), short, [
      'x64/bin/python',
      'arm64/bin/python',
    ]),
  ];
}

function below(folder: string | undefined, short: string, tails: readonly string[]): string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => new RegExp(`^${short.replace('.', '\\.')}\\.\\d+$`).test(name))
    .sort((a, b) => Number(b.split('.')[2]) - Number(a.split('.')[2]))
    .flatMap((name) => tails.map((tail) => join(folder, name, tail)))
    .filter((path) => existsSync(path));
}

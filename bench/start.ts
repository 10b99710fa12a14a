import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliEntry, NODE_24 } from '../test/support/cli.ts';
import { inRepository } from '../test/support/paths.ts';
import { type Contender, figureLines, race } from './figures.ts';
import { measure } from './measure.ts';

/** How long the entries take until they know that there is nothing to do, against an empty script. */
export async function benchStart(rounds: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const contenders: Contender[] = [
    { name: 'empty script', measure: () => measure({ argv: [NODE_24, empty] }) },
    { name: 'cli --version', measure: () => measure({ argv: [NODE_24, cliEntry(), '--version'] }) },
  ];
  const action = inRepository('dist', 'main.js');
  if (existsSync(action)) {
    const env = { PATH: process.env['PATH'], HOME: folder, GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder };
    const refused = (inputs: Readonly<Record<string, string>>) =>
      measure({ argv: [NODE_24, action], cwd: folder, env: { ...env, ...inputs }, code: 2 });
    // What is read before anything else; and, in an empty folder, all that has to be there to plan a build.
    contenders.push({ name: 'action, a bad input', measure: () => refused({ INPUT_CACHE: 'sometimes' }) });
    contenders.push({ name: 'action, an empty folder', measure: () => refused({}) });
  }
  const lines = figureLines(`start (median of ${rounds})`, await race(contenders, rounds));
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { example, inRepository } from '../test/support/paths.ts';
import { anyPython, python as pythonOf } from '../test/support/pythons.ts';
import { benchEight } from './eight.ts';
import { type Contender, figureLines, race } from './figures.ts';
import { measure } from './measure.ts';

const PEX = 'pex==2.105.2';

/** The eight libraries' lock is for this one. */
const EIGHT = '3.12';

/**
 * The eight libraries, and a program with a single small one: `check` of the greeter, which also proves that it ends, against `pex` alone, which only packs it. Cold: every cache
 * of each is an empty folder, and the tools of exitproof are not there; pex itself is.
 */
export async function benchBuild(rounds: number): Promise<readonly string[]> {
  const python = anyPython();
  if (python === null) return ['build: skipped, no Python on this machine'];
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const tool = join(folder, 'pex');
  install(python, tool, [PEX]);
  const twelve = pythonOf(EIGHT);
  const eight =
    twelve === null
      ? [`build of the eight libraries: skipped, no Python ${EIGHT} on this machine`]
      : await benchEight(twelve, { pex: tool, uv: installUv(python, join(folder, 'uv')) }, rounds);

  let number = 0;
  const fresh = () => {
    number += 1;
    return join(folder, `caches-${number}`);
  };
  const warm = join(folder, 'warm');
  const pex = (caches: string) =>
    measure({
      argv: [
        ...[python, '-m', 'pex', example('greeter'), '--console-script', 'greeter'],
        ...['--output-file', join(caches, 'greeter.pex')],
      ],
      env: { ...cachesIn(caches), PYTHONPATH: tool },
    });
  const check = (caches: string) =>
    measure({
      argv: [NODE_24, cliEntry(), 'check', example('greeter'), '--python', python],
      env: cachesIn(caches),
    });

  const cold = await race(
    [
      { name: 'pex, cold', measure: () => pex(fresh()) },
      { name: 'check, cold', measure: () => check(fresh()) },
    ],
    rounds,
  );
  pex(warm);
  check(warm);
  const unchanged: Contender[] = [
    { name: 'pex, again', measure: () => pex(warm) },
    { name: 'check, unchanged', measure: () => check(warm) },
  ];
  const again = await race(unchanged, rounds);
  rmSync(folder, { recursive: true, force: true });
  return [
    ...eight,
    ...figureLines(`build of the greeter, cold (median of ${rounds})`, cold),
    ...figureLines(`build of the greeter, nothing changed (median of ${rounds})`, again),
  ];
}

function install(python: string, target: string, what: readonly string[]): void {
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--target', target, ...what], { stdio: 'pipe' });
}

function installUv(python: string, target: string): string {
  install(python, target, ['--require-hashes', '-r', inRepository('locks', 'uv.txt')]);
  return join(target, 'bin', 'uv');
}

/** pip, pex and exitproof all keep what they can; here each finds an empty place of its own. */
function cachesIn(folder: string): Readonly<Record<string, string | undefined>> {
  return testEnvironment({
    XDG_CACHE_HOME: join(folder, 'xdg'),
    PIP_CACHE_DIR: join(folder, 'pip'),
    PEX_ROOT: join(folder, 'pex-root'),
  });
}

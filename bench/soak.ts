import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { anyPython } from '../test/support/pythons.ts';
import { figureLines, race } from './figures.ts';
import { type Measured, measure } from './measure.ts';
import { buildService } from './service.ts';

/** Many runs less few: the start of the guard drops out. */
const RUNS = { few: 10, many: 110 };
const MEMORY = { few: 100, many: 10_000 };

/** Runs side by side against `xargs -P 2`, and what the guard's memory grows to. */
export async function benchSoak(rounds: number): Promise<readonly string[]> {
  const python = anyPython();
  if (python === null) return ['soak: skipped, no Python on this machine'];
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const app = buildService(folder, python);
  const lines = [
    ...(app === null ? ['  venv PEX: skipped, it could not be built'] : await throughput(app, rounds)),
    ...(await memory()),
  ];
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

function soak(program: string, smoke: string, runs: number): Measured {
  const flags = ['--smoke', smoke, '--soak', String(runs), '--concurrency', '2', '--quiet'];
  return measure({
    argv: [NODE_24, cliEntry(), 'check', '--executable', program, ...flags],
    env: testEnvironment(),
  });
}

async function throughput(app: string, rounds: number): Promise<readonly string[]> {
  const perRun = (loop: (runs: number) => Measured) => (): Measured => {
    const few = loop(RUNS.few);
    const many = loop(RUNS.many);
    const runs = RUNS.many - RUNS.few;
    return { wall: (many.wall - few.wall) / runs, cpu: (many.cpu - few.cpu) / runs, peak: many.peak };
  };
  const xargs = (runs: number): Measured =>
    measure({
      argv: ['sh', '-c', 'seq "$2" | xargs -P 2 -I {} "$1" Ada > /dev/null', 'sh', app, String(runs)],
    });
  const figures = await race(
    [
      { name: 'xargs -P 2', measure: perRun(xargs) },
      { name: 'soak, concurrency 2', measure: perRun((runs) => soak(app, 'Ada', runs)) },
    ],
    rounds,
  );
  return figureLines(`venv PEX, two at a time (median of ${rounds})`, figures);
}

async function memory(): Promise<readonly string[]> {
  const after = (runs: number) => ({
    name: `after ${runs} runs`,
    measure: () => soak('/bin/true', '', runs),
  });
  return figureLines(
    'soak of /bin/true, the guard’s peak (once)',
    await race([after(MEMORY.few), after(MEMORY.many)], 1),
  );
}

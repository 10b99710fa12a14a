import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { inRepository } from '../test/support/paths.ts';
import { anyPython } from '../test/support/pythons.ts';
import { figureLines, race } from './figures.ts';
import { latencyLines } from './latency.ts';
import { type Measured, measure } from './measure.ts';
import { buildService } from './service.ts';

const FEW = 5;
const MANY = 45;

/** A watched run against a bare one: by a guard that has to start for it, and by one that is up already. */
export async function benchWatch(rounds: number): Promise<readonly string[]> {
  const python = anyPython();
  if (python === null) return ['watch: skipped, no Python on this machine'];
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const app = buildService(folder, python);
  const lines = [
    ...(await single('python -c pass', [python, '-c', 'pass'], rounds)),
    ...(await repeated('python -c pass', [python, '-c', 'pass'], python, rounds)),
    ...(app === null ? ['  venv PEX: skipped, it could not be built'] : []),
    ...(app === null ? [] : await single('venv PEX', [app, 'Ada'], rounds)),
    ...(app === null ? [] : await repeated('venv PEX', [app, 'Ada'], python, rounds)),
    ...(await latencyLines(python, rounds)),
  ];
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

async function single(name: string, argv: readonly string[], rounds: number): Promise<readonly string[]> {
  const figures = await race(
    [
      { name: 'bare', measure: () => measure({ argv }) },
      {
        name: 'exitproof run',
        measure: () => measure({ argv: [NODE_24, cliEntry(), 'run', '--', ...argv], env: testEnvironment() }),
      },
    ],
    rounds,
  );
  return figureLines(`${name}, once (median of ${rounds})`, figures);
}

/** A run's own cost: many runs less few, so that the start of the guard, or of the bare loop, drops out. */
async function repeated(
  name: string,
  argv: readonly string[],
  python: string,
  rounds: number,
): Promise<readonly string[]> {
  const env = testEnvironment();
  const perRun = (loop: (times: number) => readonly string[]) => (): Measured => {
    const few = measure({ argv: loop(FEW), env });
    const many = measure({ argv: loop(MANY), env });
    const times = MANY - FEW;
    return { wall: (many.wall - few.wall) / times, cpu: (many.cpu - few.cpu) / times, peak: many.peak };
  };
  const bare = (times: number) => [
    python,
    '-I',
    '-S',
    inRepository('bench', 'loop.py'),
    String(times),
    ...argv,
  ];
  const watched = (times: number) => [NODE_24, inRepository('bench', 'loop.ts'), String(times), ...argv];
  const figures = await race(
    [
      { name: 'bare', measure: perRun(bare) },
      { name: 'watched', measure: perRun(watched) },
    ],
    rounds,
  );
  return figureLines(
    `${name}, each of ${MANY - FEW} with the guard already up (median of ${rounds})`,
    figures,
  );
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { inRepository } from '../test/support/paths.ts';
import { anyPython } from '../test/support/pythons.ts';

/** Milliseconds, and mebibytes for `peak`: the largest single process of the command's tree. */
export interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Exit code that it must end with; 0 unless told. */
  readonly code?: number;
}

const schema = v.object({ wall: v.number(), cpu: v.number(), peak: v.number(), code: v.number() });

/** Runs a command to its end, its output into nothing. Throws where it ends with another exit code. */
export function measure(command: Command): Measured {
  const python = anyPython();
  if (python === null) throw new Error('a Python is needed to measure with');
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const file = join(folder, 'used.json');
  const done = spawnSync(python, ['-I', '-S', inRepository('bench', 'measure.py'), file, ...command.argv], {
    cwd: command.cwd ?? folder,
    env: command.env ?? process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`${command.argv.join(' ')}: ${done.stderr}`);
  const { code, ...used } = v.parse(schema, JSON.parse(readFileSync(file, 'utf8')));
  rmSync(folder, { recursive: true, force: true });
  if (code !== (command.code ?? 0)) {
    throw new Error(`${command.argv.join(' ')}: exit code ${code}\n${done.stderr.slice(-2000)}`);
  }
  return used;
}

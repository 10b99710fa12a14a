import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import type { ObserverChoice } from '../../src/watch/request.ts';
import { runCli } from '../../test/support/cli.ts';
import { endProcessesWith, processesLeft } from '../../test/support/processes.ts';
import type { Case } from './cases.ts';
import type { Observation } from './compare.ts';
import type { Facts } from './expectation.ts';
import type { Prepared } from './prepare.ts';

export interface ObserveOptions {
  readonly observer: ObserverChoice;
  /** False takes every evidence tool away: none can be found, none installed. */
  readonly tools: boolean;
  /** A command that starts exitproof, and takes rights from it first. */
  readonly through: readonly string[];
}

/** Runs a case under `exitproof run`, and looks at what it said and left. */
export async function observe(
  one: Case,
  facts: Facts,
  prepared: Prepared,
  options: ObserveOptions,
): Promise<Observation> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-corpus-'));
  const report = join(folder, 'report.json');
  const cookie = `corpus-${randomUUID()}`;
  const limits = limitsFor(facts);
  const { PYTHONUNBUFFERED: _, ...env } = process.env;
  const result = await runCli(
    [
      'run',
      ...['--report', report],
      ...['--run-timeout', `${limits.run}s`],
      ...['--teardown-timeout', `${limits.teardown}s`],
      ...['--drain-timeout', '3s'],
      ...(options.observer === 'auto' ? [] : ['--observer', options.observer]),
      '--',
      ...prepared.argv,
    ],
    {
      cwd: one.folder,
      env: {
        ...env,
        ...prepared.env,
        ...(options.tools ? {} : noTools(folder)),
        CORPUS_DICE: one.dice,
        EXITPROOF_CORPUS: cookie,
      },
      through: options.through,
      stdin: facts.stdin === 'pipe' ? 'open' : 'empty',
      limit: (limits.run + limits.teardown + 60) * 1000,
    },
  );
  const left = await processesLeft(cookie);
  endProcessesWith(cookie);
  const written = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  return {
    run: written.run,
    ended: !result.stuck,
    left: left.map(({ command }) => command),
    complaint:
      written.complaint ?? `exit code ${result.code ?? result.signal}: ${result.stderr.trim().slice(-300)}`,
  };
}

/** A report that isn't what its schema says is a miss like any other. */
function readReport(file: string): { readonly run: RunRecord | null; readonly complaint: string | null } {
  if (!existsSync(file)) return { run: null, complaint: null };
  try {
    return { run: parseReport(readFileSync(file, 'utf8'), 'its report').runs[0] ?? null, complaint: null };
  } catch (error) {
    return { run: null, complaint: error instanceof Error ? error.message : String(error) };
  }
}

/** Seconds. Short, because each stall is waited for; long enough for what ends by itself on a busy machine. */
function limitsFor(facts: Facts): { readonly run: number; readonly teardown: number } {
  return {
    run: Math.max(12, Math.ceil((facts.run_s ?? 0) * 2 + 4)),
    teardown: Math.max(5, Math.ceil((facts.duration_s ?? 0) + 5)),
  };
}

function noTools(folder: string): Readonly<Record<string, string>> {
  // What the cases themselves start, without gdb and pystack, which lie in the same folders.
  for (const name of ['sh', 'sleep', 'cat', 'env', 'true']) symlinkSync(`/bin/${name}`, join(folder, name));
  return { PATH: folder, XDG_CACHE_HOME: folder, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder };
}

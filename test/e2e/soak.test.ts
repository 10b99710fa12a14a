import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { type CliResult, runCli, testEnvironment } from '../support/cli.ts';
import { intermittent } from '../support/intermittent.ts';
import { processesLeft } from '../support/processes.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

interface Soaked {
  readonly folder: string;
  readonly result: CliResult;
  readonly report: Report;
}

/** A check of the program that stalls in `chance` percent of its runs; cancelled once so many have begun. */
async function soak(
  context: TestContext,
  chance: number,
  flags: readonly string[],
  cancelAfter = Infinity,
): Promise<Soaked> {
  const python = need(context, 'a Python', anyPython());
  const folder = temporaryFolder('soak');
  const file = join(folder, 'report.json');
  const executable = intermittent(folder, python);
  const ran = join(folder, 'ran');
  const result = await runCli(
    [
      ...['check', '--executable', executable, '--smoke', '', '--report', file],
      ...['--teardown-timeout', '1s', '--concurrency', '2', ...flags],
    ],
    {
      cwd: folder,
      env: testEnvironment({ CHANCE: String(chance), RAN: ran }),
      onSpawn: (pid) => {
        const look = setInterval(() => {
          if ((statSync(ran, { throwIfNoEntry: false })?.size ?? 0) < cancelAfter) return;
          clearInterval(look);
          process.kill(pid, 'SIGTERM');
        }, 50);
        context.onTestFinished(() => clearInterval(look));
      },
    },
  );
  return { folder, result, report: parseReport(readFileSync(file, 'utf8'), file) };
}

describe('a soak', () => {
  test('of a program that stalls in 20 % of its runs finds that, and keeps each distinct stall once', async (context) => {
    const { folder, result, report } = await soak(context, 20, ['--soak', '60']);
    expect(result.code, result.stderr).toBe(1);
    expect(report).toMatchObject({
      verdict: 'stalled',
      phase: 'threading-shutdown',
      cause: 'nondaemon-thread',
    });
    const { runs, stalls, endings, series } = report.soak ?? expect.fail('no soak in the report');
    expect(runs).toBe(60);
    expect(stalls).toBeGreaterThan(0);
    expect(stalls).toBeLessThan(40);
    expect(series).toMatchObject([{ runs, stalls, layout: 'executable' }]);
    const places = endings.map(({ example }) => report.runs[example]?.diagnosis?.guilty?.function);
    expect(new Set(places).size).toBe(places.length);
    expect(['wait_for_news', 'wait_for_orders']).toEqual(expect.arrayContaining(places));
    expect(endings.reduce((sum, ending) => sum + ending.runs, 0)).toBe(stalls);
    for (const { example } of endings) expect(report.runs[example]?.evidence.length).toBeGreaterThan(0);
    expect(report.runs.length).toBeLessThanOrEqual(3 + endings.length);
    expect(result.stdout).toMatch(
      new RegExp(`${stalls} of 60 runs stalled \\(.* % to .* % with 95 % confidence\\)`),
    );
    expect(result.stdout.match(/^done$/gm)).toHaveLength(1);
    expect(await processesLeft(folder)).toEqual([]);
  });

  test('of a percentage makes as many runs as prove it', async (context) => {
    const { result, report } = await soak(context, 0, ['--soak', '10%']);
    expect(result.code, result.stderr).toBe(0);
    expect(report).toMatchObject({ verdict: 'passed', soak: { runs: 29, stalls: 0, endings: [] } });
    expect(report.soak?.interval?.upper).toBeLessThanOrEqual(0.1);
    expect(report.soak?.series[0]?.teardown?.p95).toBeGreaterThan(0);
  });

  test('of a time lasts that long', async (context) => {
    const { result, report } = await soak(context, 0, ['--soak', '3s']);
    expect(result.code, result.stderr).toBe(0);
    expect(report.soak?.runs).toBeGreaterThan(1);
    expect(report.duration).toBeGreaterThan(3_000);
  });

  test('stops at the first stall where it is told to', async (context) => {
    const flags = ['--soak', '1000', '--soak-stop', 'first', '--concurrency', '1'];
    const { report } = await soak(context, 100, flags);
    expect(report).toMatchObject({ verdict: 'stalled', soak: { runs: 1, stalls: 1 } });
  });

  test('that is cancelled reports what it has seen, and leaves nothing', async (context) => {
    const { folder, result, report } = await soak(context, 0, ['--soak', '24h'], 5);
    expect(result.code, result.stderr).toBe(143);
    expect(report.verdict).toBe('cancelled');
    expect(report.soak?.runs).toBeGreaterThan(0);
    expect(report.summary).toMatch(/^It was cancelled after \d+ runs?, of which 0 stalled\.$/);
    // The runs that it cut off say nothing of the program.
    expect(`${result.stdout}${result.stderr}`).not.toContain('warning: cancelled');
    expect(await processesLeft(folder)).toEqual([]);
  });
});

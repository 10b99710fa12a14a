import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { CAUSES } from '../../src/diagnose/causes.ts';
import type { Phase, RunRecord } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { anyPython, type Python, pythons } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import {
  missingFor,
  type StallExample,
  stallEnvironment,
  stallExamples,
  stallProgram,
} from '../support/stalls.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** One Python tells of a change; `EXITPROOF_TEST_PYTHONS=all` tries each that the machine has. */
const everywhere = process.env['EXITPROOF_TEST_PYTHONS'] === 'all';

/** That Python, or for a bug of some the first that has it. */
function pythonsFor({ only }: StallExample): readonly Python[] {
  if (everywhere) return pythons().filter(({ version }) => only?.includes(version) ?? true);
  return pythons().filter(({ path, version }) =>
    only === undefined ? path === anyPython() : only[0] === version,
  );
}

interface Trial {
  readonly example: StallExample;
  readonly name: string;
  readonly on: string;
  /** Null where none fits. */
  readonly python: Python | null;
}

const trials = stallExamples().flatMap((example): readonly Trial[] => {
  const found = pythonsFor(example);
  const { name } = example;
  if (found.length === 0) return [{ example, name, on: example.only?.join(' or ') ?? '', python: null }];
  return found.map((python) => ({ example, name, on: python.version, python }));
});

describe.concurrent('each program of examples/stalls', () => {
  test.for(trials)('$name on $on: what stalls is named, with what to change', async (one, context) => {
    const python = needed(one, context);
    let run = await watched(one.example, 'stalled', python);
    for (let more = (one.example.tries ?? 1) - 1; run.verdict === 'passed' && more > 0; more--)
      run = await watched(one.example, 'stalled', python);

    context.expect(run.verdict, run.reason).toBe(one.name === 'pipe-holder' ? 'leaked' : 'stalled');
    context.expect(run.diagnosis?.cause, run.diagnosis?.summary).toBe(one.name);
    context.expect(run.phase).toBe(phaseOf(one.example, one.on));
    context.expect(run.diagnosis?.remedy).not.toBeNull();
  });

  test.for(trials)('$name on $on: the cured one ends, each time', async (one, context) => {
    const python = needed(one, context);
    for (let time = 1; time <= 2; time++) {
      const run = await watched(one.example, 'cured', python);
      context
        .expect(run.verdict, `${run.reason} ${run.diagnosis?.summary}\n${run.output.head}`)
        .toBe('passed');
    }
  });

  test.for(['24.11.1', '26.5.0'])(
    'gevent-hub on 3.13 with gevent %s, which waits before anybody is told of the end',
    async (version, context) => {
      const python = need(context, 'Python 3.13', pythons().find((one) => one.version === '3.13') ?? null);
      const example = stallExamples().find(({ name }) => name === 'gevent-hub');
      if (example === undefined) throw new Error('no example of gevent');
      const run = await watched({ ...example, requirements: `gevent==${version}` }, 'stalled', python);
      context.expect(run, run.reason).toMatchObject({
        verdict: 'stalled',
        phase: 'threading-shutdown',
        diagnosis: { cause: 'gevent-hub' },
      });
    },
  );
});

function needed({ example, python, on }: Trial, context: TestContext): Python {
  const missing = missingFor(example);
  need(context, missing ?? '', missing === null ? true : null);
  return need(context, `Python ${on}`.trim(), python);
}

function phaseOf({ name, phase }: StallExample, version: string): Phase {
  const [only, ...more] = CAUSES.filter(({ slug }) => slug === name).flatMap(({ phases }) => phases);
  if (phase !== undefined) return phase(Number(version.split('.')[1]));
  if (only === undefined || only === 'any' || more.length > 0) throw new Error(`in which phase is ${name}?`);
  return only;
}

async function watched(
  example: StallExample,
  which: 'stalled' | 'cured',
  python: Python,
): Promise<RunRecord> {
  const folder = temporaryFolder(`stall-${example.name}`);
  const file = join(folder, 'report.json');
  // What stalls is waited for; what is cured gets the time that a busy machine needs.
  const limits =
    which === 'stalled'
      ? ['--run-timeout', '6s', '--teardown-timeout', '1500ms']
      : ['--teardown-timeout', '20s'];
  const result = await runCli(
    [
      ...['run', '--report', file, '--drain-timeout', '1500ms', ...limits],
      ...['--', python.path, stallProgram(example, which)],
    ],
    {
      // The checkout: what its source says is a part of what tells causes apart.
      cwd: dirname(stallProgram(example, which)),
      env: testEnvironment(stallEnvironment(example, python)),
      stdin: example.stdin ?? 'empty',
    },
  );
  const [run] = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), 'its report').runs : [];
  if (run === undefined) throw new Error(`no report of a run: ${result.stderr}`);
  return run;
}

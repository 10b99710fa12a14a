import { expect, test } from 'vitest';
import { checkLedger } from '../support/ledger.ts';
import { python } from '../support/pythons.ts';
import { need } from '../support/skips.ts';

const needed = (context: Parameters<typeof need>[0]) => need(context, 'Python 3.9', python('3.9'));

test('the zipapp that this project began with stalls by CPython 96387, and the venv layout, tried unasked, does not', async (context) => {
  const { code, report, output } = await checkLedger(needed(context), 'zipapp', 1);

  expect(report, output).toMatchObject({
    verdict: 'stalled',
    phase: 'finalization',
    cause: 'gil-drop-96387',
  });
  expect(code).toBe(1);
  const guilty = report?.runs.find((run) => run.layout === 'zipapp')?.diagnosis?.guilty;
  expect(guilty?.function).toBe('__del__');
  expect(guilty?.file).toMatch(/pex\/common\.py$/);
  expect(report?.summary).toMatch(/^zipapp stalled in 1 of 1 run, venv in 0 of 1: .*96387/);
  expect(report?.layout).toBe('zipapp');
});

test('with on-stall: use-venv the venv layout is shipped in its place, and a warning says why', async (context) => {
  const more = ['--on-stall', 'use-venv', '--archive', 'tar'];
  const { code, report, output } = await checkLedger(needed(context), 'zipapp', 1, more);

  expect(report, output).toMatchObject({ verdict: 'passed', phase: null, cause: null, layout: 'venv' });
  expect(code).toBe(0);
  expect(report?.executable).toMatch(/layout/);
  expect(report?.archive).not.toBeNull();
  expect(report?.warnings).toEqual([
    expect.stringMatching(/zipapp stalls in 1 of 1 run, the venv, .* in 0 of 1 run; cause: gil-drop-96387/),
  ]);
  expect(output).toMatch(/warning: the zipapp stalls/);
});

test('its venv layout ends, twenty times out of twenty', async (context) => {
  const { code, report, output } = await checkLedger(needed(context), 'venv', 20);

  expect(
    report?.runs.map((run) => run.verdict),
    output,
  ).toEqual(Array.from({ length: 20 }, () => 'passed'));
  expect(code).toBe(0);
});

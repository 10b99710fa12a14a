import { expect, test } from 'vitest';
import { checkLedger } from '../support/ledger.ts';
import { python } from '../support/pythons.ts';
import { need } from '../support/skips.ts';

test('the zipapp that this project began with stalls in finalization, in the destructor of PEX', async (context) => {
  const path = need(context, 'Python 3.9', python('3.9'));

  const { code, report, output } = await checkLedger(path, 'zipapp', 1);

  expect(report?.verdict, output).toBe('stalled');
  expect(report?.phase).toBe('finalization');
  expect(code).toBe(1);
  const guilty = report?.runs.find((run) => run.layout === 'zipapp')?.diagnosis?.guilty;
  expect(guilty?.function).toBe('__del__');
  expect(guilty?.file).toMatch(/pex\/common\.py$/);
});

test('its venv layout ends, twenty times out of twenty', async (context) => {
  const path = need(context, 'Python 3.9', python('3.9'));

  const { code, report, output } = await checkLedger(path, 'venv', 20);

  expect(
    report?.runs.map((run) => run.verdict),
    output,
  ).toEqual(Array.from({ length: 20 }, () => 'passed'));
  expect(code).toBe(0);
});

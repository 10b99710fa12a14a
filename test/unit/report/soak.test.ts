import { expect, test } from 'vitest';
import type { Report } from '../../../src/report/model.ts';
import { outputs } from '../../../src/report/outputs.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED, PASSED_RUN, STALLED, STALLED_RUN } from './sample.ts';

const PLAIN = { color: false, width: 80, verbose: false } as const;

function soaked(base: Report, passed: number, stalled: number): Report {
  const tally = openTally();
  for (let run = 0; run < passed; run += 1) tally.add(PASSED_RUN, '3.12.1');
  for (let run = 0; run < stalled; run += 1) {
    tally.add({ ...STALLED_RUN, name: PASSED_RUN.name }, '3.12.1');
  }
  const report = { ...base, ...tally.read() };
  return { ...report, summary: summarise(report) };
}

const clean = soaked(PASSED, 299, 0);
const stalling = soaked(STALLED, 17, 3);

test('a clean soak says what it proves', () => {
  expect(clean.summary).toBe(
    'All 299 runs ended by themselves: it stalls in at most 0.997 % of its runs, with 95 % confidence.',
  );
  expect(renderTerminal(clean, PLAIN)).toContain(`
  ✓ --help (venv, 3.12.1)                    299 runs, 0 stalls: at most 0.997 %
                             p50       p95       max
    startup                62 ms     62 ms     62 ms
    run                   118 ms    118 ms    118 ms
`);
  expect(renderTerminal(clean, PLAIN)).toContain('    whole teardown         12 ms     12 ms     12 ms\n');
  expect(renderSummary(clean)).toContain('| 3.12.1 | 299 | 0 | at most 0.997 % | 12 ms / 12 ms / 12 ms |');
});

test('a stall in a soak is shown once, with how many ended like it', () => {
  expect(stalling.summary).toMatch(
    /^3 of 20 runs stalled \(3\.21 % to 37\.9 % with 95 % confidence\): The main thread has ended/u,
  );
  const shown = renderTerminal(stalling, PLAIN);
  expect(shown).toContain('20 runs, 3 stalls: 3.21 % to 37.9 %');
  expect(shown.split('3 runs ended like this one')).toHaveLength(2);
  expect(shown).not.toContain('✓ --help (venv, warm)');
  expect(renderSummary(stalling)).toContain('3 runs ended like this one.');
});

test('layouts are counted apart', () => {
  const tally = openTally();
  for (let run = 0; run < 20; run += 1) {
    tally.add({ ...(run < 3 ? STALLED_RUN : PASSED_RUN), layout: 'zipapp' }, null);
    tally.add(PASSED_RUN, null);
  }
  expect(
    summarise({ verdict: 'stalled', layout: null, warnings: [], failure: null, ...tally.read() }),
  ).toMatch(/^zipapp stalled in 3 of 20 runs, venv in 0 of 20: The main/u);
});

test('a cancelled soak says how far it came', () => {
  expect(summarise({ ...stalling, verdict: 'cancelled' })).toBe(
    'It was cancelled after 20 runs, of which 3 stalled.',
  );
});

test('the outputs count all runs, not those that are kept', () => {
  expect(outputs(stalling, 'r.json')).toMatchObject({ runs: '20', stalls: '3', 'teardown-p95-ms': '12' });
});

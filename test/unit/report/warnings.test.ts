import { expect, test } from 'vitest';
import { annotations } from '../../../src/report/annotation.ts';
import type { Report } from '../../../src/report/model.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { PASSED, PASSED_RUN, STALLED, STALLED_RUN } from './sample.ts';

const WARNING = 'the teardown of “--help” grew from 40 ms to 2.10 s (atexit)';
const warned: Report = { ...PASSED, warnings: [WARNING] };

test('a warning of a passed report stands in the terminal, the summary, and as an annotation', () => {
  const terminal = renderTerminal(warned, { color: false, width: 100, verbose: false });
  expect(terminal).toContain(`warning: ${WARNING}`);
  expect(renderSummary(warned)).toContain('grew from 40 ms to 2.10 s');
  expect(annotations(warned)).toEqual([{ title: 'exitproof: warning', message: WARNING, level: 'warning' }]);
});

test('beside a verdict it stays a warning', () => {
  const levels = annotations({ ...STALLED, warnings: [WARNING] }).map(({ level }) => level);
  expect(levels).toEqual([undefined, 'warning']);
});

test('is the summary where all runs passed and the report did not', () => {
  expect(summarise({ ...warned, verdict: 'failed' })).toBe(`T${WARNING.slice(1)}.`);
});

test('a layout that stalls beside the one that is shipped is told, with how often', () => {
  const runs = [{ ...STALLED_RUN, layout: 'zipapp' as const }, PASSED_RUN, PASSED_RUN];
  expect(summarise({ ...PASSED, runs })).toMatch(
    /^The venv layout passed; zipapp stalled in 1 of 1 run, venv in 0 of 2: The main thread/,
  );
});

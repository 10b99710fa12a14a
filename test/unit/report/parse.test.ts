import { describe, expect, test } from 'vitest';
import { reportJson } from '../../../src/report/json.ts';
import { parseReport } from '../../../src/report/parse.ts';
import { PASSED, STALLED } from './sample.ts';

describe('reading a report', () => {
  test.each([PASSED, STALLED])('what was written is read back the same', (report) => {
    expect(parseReport(reportJson(report), 'a.json')).toEqual(report);
  });

  test('keys of a later minor version are accepted', () => {
    const text = JSON.stringify({ ...PASSED, weather: { rain: 3 } });
    expect(parseReport(text, 'a.json').verdict).toBe('passed');
  });

  test.each([
    ['', 'a.json: the report is empty.'],
    [reportJson(STALLED).slice(0, 900), 'a.json: the report is cut off or damaged (not valid JSON).'],
    ['<html>', 'a.json: this is no JSON.'],
    ['{}', 'a.json: this is no exitproof report (it has no "schema").'],
    ['[1]', 'a.json: this is no exitproof report (it has no "schema").'],
    [
      JSON.stringify({ ...PASSED, schema: 'exitproof.report/2' }),
      'a.json: its schema is "exitproof.report/2", this version reads "exitproof.report/1".',
    ],
    [
      JSON.stringify({ ...PASSED, verdict: 'fine' }),
      'a.json: verdict should be ("cancelled" | "not-started" | "stalled" | "leaked" | "crashed" | "failed" | "passed" | "not-built"), but is "fine".',
    ],
    [
      JSON.stringify({ ...STALLED, runs: [{ ...STALLED.runs[0], pid: 'x' }] }),
      'a.json: runs.0.pid should be number, but is "x".',
    ],
  ])('%.20s… is refused in one sentence', (text, message) => {
    expect(() => parseReport(text, 'a.json')).toThrow(expect.objectContaining({ kind: 'settings', message }));
  });
});

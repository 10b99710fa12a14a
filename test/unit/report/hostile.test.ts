import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotations } from '../../../src/report/annotation.ts';
import { renderDump } from '../../../src/report/dump.ts';
import { markdownText } from '../../../src/report/markdown.ts';
import type { Report } from '../../../src/report/model.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { clip, printable, wrap } from '../../../src/report/text.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED, PASSED_RUN, STALL_EVIDENCE, STALLED, STALLED_RUN } from './sample.ts';

const SOAK = ((): NonNullable<Report['soak']> => {
  const tally = openTally();
  tally.add(PASSED_RUN, null);
  tally.add(STALLED_RUN, null);
  return tally.read().soak;
})();

/** A report where each string that the program controls is this one. */
function reportOf(evil: string): Report {
  const frame = { function: evil, file: evil, line: 1 };
  const guilty = { ...frame, source: null };
  const thread = { name: evil, tid: 7, main: false, guilty: true, state: evil, frames: [frame] };
  const run = {
    ...STALLED_RUN,
    name: evil,
    argv: [evil],
    reason: evil,
    warnings: [evil],
    left: [{ pid: 9, command: evil, ended: true, holds: ['stdout' as const] }],
    output: { head: evil, tail: evil, bytes: { stdout: 1, stderr: 1 } },
    evidence: [{ ...STALL_EVIDENCE, command: evil, text: evil, error: evil, threads: [thread] }],
    diagnosis: { cause: evil, summary: evil, remedy: evil, guilty, holder: guilty, motion: null },
  };
  return {
    ...STALLED,
    cause: evil,
    summary: evil,
    notices: [evil],
    failure: { message: evil, hint: evil },
    runs: [run],
    soak: { ...SOAK, series: SOAK.series.map((series) => ({ ...series, name: evil, python: evil })) },
    parts: [
      {
        file: evil,
        verdict: 'stalled',
        python: evil,
        platform: evil,
        shard: { index: 1, of: 2 },
        runs: 2,
        stalls: 1,
      },
    ],
  };
}

const EVIL = [
  '::error file=x.py,line=1::injected',
  '\n::add-mask::main\n  ::stop-commands::token',
  '##[add-mask]main',
  '\u001b[2J\u001b]0;title\u0007\u009b31m',
  '\r\u0008\u202ereversed\u2066',
  'lone \udc80 surrogate \u0000',
  '</pre></details><script>alert(1)</script><img src=x onerror=1>',
  '| a | b |\n\n# heading\n[x](javascript:1) ![i](http://h/p.png) **b** @someone `code`',
  '```\n</code>',
  '\u2028::warning::x',
];

const commands = (text: string) =>
  text.split(/[\r\n\u2028\u2029]/u).filter((line) => /^\s*::/u.test(line) || line.includes('##['));
// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]|\p{Cs}/u;

describe("the program's words are data", () => {
  test.each(EVIL)('in the terminal, the dump and the annotation: %j', (evil) => {
    const report = reportOf(evil);
    const [annotation] = annotations(report);
    const views = [
      renderTerminal(report, { color: false, width: 80, verbose: true }),
      renderDump(report),
      `${annotation?.title}\n${annotation?.message}`,
    ];
    for (const view of views) {
      expect(commands(view)).toEqual([]);
      expect(view).not.toMatch(CONTROL);
    }
  });

  test.each(EVIL)('in the job summary: %j', (evil) => {
    const summary = renderSummary(reportOf(evil));
    const clean = renderSummary(reportOf('x'));
    const tags = (text: string) => text.match(/<\/?[a-z]+/giu)?.filter((tag) => tag !== '<br');
    expect(new Set(tags(summary))).toEqual(new Set(tags(clean)));
    expect(summary).not.toMatch(CONTROL);
    expect(commands(summary)).toEqual([]);
    // Rows of the tables: nothing that the program says makes another one or another cell.
    const rows = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').length);
    expect(rows(summary)).toEqual(rows(clean));
  });

  test('any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(CONTROL);
        expect(commands(shown)).toEqual([]);
        expect(markdownText(text)).not.toMatch(/[<>|`*_[\]]/u);
      }),
    );
  });

  test('ordinary names are left as they are', () => {
    for (const name of ['worker', 'größe', '数据', 'a::b', 'Thread-1 (f)', '<module>', 'C:\\x.py']) {
      expect(printable(name)).toBe(name);
    }
  });

  test('a cut never leaves half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (text, limit) => {
          const cut = clip(text, limit);
          expect([...cut].length).toBeLessThanOrEqual(Math.max(limit, 1));
          expect(cut).not.toMatch(/\p{Cs}/u);
        },
      ),
    );
  });
});

describe('annotations', () => {
  test('a passed report has none, any other verdict just one', () => {
    expect(annotations(PASSED)).toEqual([]);
    for (const verdict of [
      'stalled',
      'leaked',
      'failed',
      'crashed',
      'not-started',
      'cancelled',
      'not-built',
    ] as const) {
      expect(annotations({ ...STALLED, verdict })).toHaveLength(1);
      expect(annotations({ ...STALLED, verdict, runs: [] })).toHaveLength(1);
    }
  });

  test("it stands on the checkout's line", () => {
    expect(annotations(STALLED)).toEqual([
      {
        title: 'exitproof: stalled in threading-shutdown',
        message:
          'The main thread has ended, but thread "uploader" still waits in upload_forever for an item.\nSend each consumer a sentinel before the end:\n    jobs.put(None)\n    worker.join()',
        file: 'src/uploader/worker.py',
        startLine: 31,
      },
    ]);
  });
});

describe('the dump', () => {
  test('names each tool, thread and frame', () => {
    expect(renderDump(STALLED)).toBe(`\
=== upload --once (venv): stalled in threading-shutdown ===
    the teardown took longer than 10 s

--- py-spy, main process 4242, snapshot 1, after 10.4 s: python upload --help
  thread "MainThread" (main, tid 4242, idle)
      _shutdown  /opt/py/lib/python3.12/threading.py:1592
  thread "uploader" (tid 4243, idle, blamed)
      wait  /opt/py/lib/python3.12/threading.py:355
      get  /opt/py/lib/python3.12/queue.py:171
      upload_forever  /x/site-packages/uploader/worker.py:31
      run  /opt/py/lib/python3.12/threading.py:1012
      _bootstrap_inner  /opt/py/lib/python3.12/threading.py:1075

`);
    expect(renderDump(PASSED)).toBe('');
  });

  test('is bounded', () => {
    const frame = { function: 'f'.repeat(400), file: null, line: null };
    const thread = {
      name: 'n'.repeat(9999),
      tid: 1,
      main: false,
      frames: Array.from({ length: 999 }, () => frame),
    };
    const evidence = { ...STALL_EVIDENCE, threads: Array.from({ length: 999 }, () => thread) };
    const text = renderDump({ ...STALLED, runs: [{ ...STALLED_RUN, evidence: [evidence, evidence] }] });
    expect(text.length).toBeLessThan(410_000);
    expect(text).toMatch(/cut here, the report has the rest\n$/u);
  });
});

test('no line that a long sentence is broken into begins as a workflow command', () => {
  const words = Array.from({ length: 40 }, () => 'word ::error::stop').join(' ');
  for (let width = 10; width < 60; width++) {
    expect(wrap(printable(words), width).filter((line) => /^\s*::/u.test(line))).toEqual([]);
  }
});

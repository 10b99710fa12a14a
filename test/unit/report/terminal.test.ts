import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/report/model.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { PASSED, PASSED_RUN, STALL_EVIDENCE, STALLED, STALLED_RUN } from './sample.ts';

const PLAIN = { color: false, width: 80, verbose: false } as const;

describe('the terminal view', () => {
  test('a passed report is short: verdict, a line a run with its phases, cache', () => {
    expect(renderTerminal(PASSED, PLAIN)).toBe(`\
✓ passed
  It ran and ended by itself, its teardown took 12 ms.

  ✓ --help (venv, warm)                                   192 ms, teardown 12 ms
    startup 62 ms · run 118 ms · threading-shutdown 0 ms · atexit 0 ms
    finalization 10 ms · native-exit 2 ms

  build: pex 2.105.2, 6.1 s, CPython 3.12.1, uv.lock
  artifact: .exitproof/out/greet.pex  sha256 abababababababab…
  cache: hit (all 9 parts are equal)
  executable: .exitproof/out/greet/bin/greet
`);
  });

  test('a stall has its timeline, the guilty stack, and where to look next', () => {
    expect(renderTerminal(STALLED, { ...PLAIN, dumpFile: '.exitproof/out/stacks.txt' })).toBe(`\
✗ stalled in threading-shutdown · queue-consumer
  The main thread has ended, but thread "uploader" still waits in upload_forever
  for an item.

  upload --once (venv, warm)                                stalled after 10.4 s
    the teardown took longer than 10 s
    blocked: between two looks nothing moved and no processor was used
    startup                92 ms  ━
    run                   338 ms  ━
    threading-shutdown    10.0 s   ███████████████████████████████████ ◀ stalled

  thread "uploader", innermost first
    wait              threading.py:355
    get               queue.py:171
  ▶ upload_forever    src/uploader/worker.py:31
    run               threading.py:1012
    _bootstrap_inner  threading.py:1075

  main thread, innermost first
    _shutdown  threading.py:1592

  ✓ --help (venv, warm)                                   192 ms, teardown 12 ms
    startup 62 ms · run 118 ms · threading-shutdown 0 ms · atexit 0 ms
    finalization 10 ms · native-exit 2 ms

  What to change
    Send each consumer a sentinel before the end:
        jobs.put(None)
        worker.join()

  Where to look next
    the line    src/uploader/worker.py:31
    all stacks  .exitproof/out/stacks.txt
    this cause  docs/causes.md#queue-consumer in exitproof's repository

  build: pex 2.105.2, 6.1 s, CPython 3.12.1, uv.lock
  artifact: .exitproof/out/greet.pex  sha256 abababababababab…
  cache: miss (part changed: project)
`);
  });

  test.each([72, 80, 120])('no line of it is wider than %i columns', (width) => {
    const lines = renderTerminal(STALLED, { ...PLAIN, width }).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
  });

  test('colour only adds escapes', () => {
    const colored = renderTerminal(STALLED, { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[31m✗ stalled');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is taken away
    expect(colored.replace(/\u001b\[\d+m/gu, '')).toBe(renderTerminal(STALLED, PLAIN));
  });

  test('many runs are told in brief', () => {
    const runs = Array.from({ length: 2000 }, () => PASSED_RUN);
    const text = renderTerminal({ ...PASSED, runs }, PLAIN);
    expect(text).toContain('… 1988 runs more (all in the report)');
    expect(text.split('\n').length).toBeLessThan(60);
  });

  test('frames of the checkout are shown below it, where the guilty one runs from it', () => {
    const guilty = {
      function: 'stay',
      file: '/w/repo/app/main.py',
      line: 3,
      source: { path: 'app/main.py', line: 3, exact: true },
    };
    const frames = [
      guilty,
      { function: 'main', file: '/w/repo/app/cli.py', line: 9 },
      { function: 'x', file: '/w/other.py', line: 1 },
    ];
    const thread = { name: null, tid: 1, main: true, guilty: true, frames };
    const diagnosis = { cause: 'unknown', summary: 'It stalled.', remedy: null, guilty, motion: null };
    const run = { ...STALLED_RUN, evidence: [{ ...STALL_EVIDENCE, threads: [thread] }], diagnosis };
    expect(renderTerminal({ ...STALLED, runs: [run] }, PLAIN)).toContain(
      '  ▶ stay  app/main.py:3\n    main  app/cli.py:9\n    x     /w/other.py:1\n',
    );
  });

  test('a line that was matched by its text says so', () => {
    const { diagnosis } = STALLED_RUN;
    const guilty = diagnosis?.guilty;
    if (!diagnosis || !guilty) throw new Error('the sample has a guilty frame');
    const source = { path: 'src/uploader/worker.py', line: 29, exact: false };
    const run = { ...STALLED_RUN, diagnosis: { ...diagnosis, guilty: { ...guilty, source } } };
    expect(renderTerminal({ ...STALLED, runs: [run] }, PLAIN)).toContain(
      'worker.py:29  (the packaged file differs',
    );
  });

  test('what could not be built shows the reason and the hint', () => {
    const report: Report = {
      ...PASSED,
      verdict: 'not-built',
      summary: 'No version of nosuchthing fits.',
      build: null,
      cache: null,
      executable: null,
      runs: [],
      failure: { message: 'pip said:\n  ERROR: No matching distribution', hint: 'Check the name.' },
    };
    expect(renderTerminal(report, PLAIN)).toBe(`\
✗ not-built
  No version of nosuchthing fits.

  pip said:
    ERROR: No matching distribution

  Check the name.
`);
    const summary = summarise(report);
    expect(summary).toBe('pip said.');
    expect(renderTerminal({ ...report, summary }, PLAIN)).toBe(`\
✗ not-built
  pip said.

    ERROR: No matching distribution

  Check the name.
`);
  });

  test('nameless native frames are one row, and the others keep theirs', () => {
    const guilty = { function: 'hold', file: '/x/libhold.so', line: null, native: true, source: null };
    const nameless = { function: '??', file: null, line: null, native: true };
    const frames = [nameless, nameless, nameless, guilty, nameless, { ...guilty, function: 'main' }];
    const thread = { name: null, tid: 1, main: true, guilty: true, frames };
    const diagnosis = { cause: 'unknown', summary: 'It stalled.', remedy: null, guilty, motion: null };
    const run = { ...STALLED_RUN, evidence: [{ ...STALL_EVIDENCE, threads: [thread] }], diagnosis };
    expect(renderTerminal({ ...STALLED, runs: [run] }, PLAIN)).toContain(
      '    ??    (native), 3 frames without a name\n  ▶ hold  /x/libhold.so\n    ??    (native)\n    main  /x/libhold.so\n',
    );
  });
});

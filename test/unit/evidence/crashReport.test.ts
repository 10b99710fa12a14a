import { describe, expect, test } from 'vitest';
import { CRASHED, crashPhase, parseCrashReport } from '../../../src/evidence/crashReport.ts';

const frame = (name: string, file = '/app/main.py', line = 6) => `  File "${file}", line ${line} in ${name}`;
const thread = (kind: 'Current thread' | 'Thread', ...frames: string[]) =>
  [`${kind} 0x00007f60de943b80 (most recent call first):`, ...frames, ''].join('\n');
const bySignal = (title: string, ...threads: string[]) =>
  ['said before', `Fatal Python error: ${title}`, '', ...threads].join('\n');
const byInterpreter = (state: string, ...threads: string[]) =>
  [
    'Fatal Python error: Py_EndInterpreter: thread still has a frame',
    `Python runtime state: ${state} (tstate=0x00007f8b108b36c8)`,
    '',
    ...threads,
  ].join('\n');

const run = [frame('dump_core'), frame('main'), frame('<module>')];
const shutdown = [frame('_shutdown', '/usr/lib/python3.12/threading.py')];

function phaseOf(text: string): string | null {
  const report = parseCrashReport(text);
  return report === null ? null : crashPhase(report, ['/app/.bootstrap/']);
}

describe("an interpreter's report of its crash", () => {
  test('tells the signal, the phase, and the thread that it happened in', () => {
    const text = bySignal(
      'Segmentation fault',
      thread('Current thread', frame('worker'), frame('_bootstrap', '/usr/lib/python3.12/threading.py')),
      thread('Thread', ...run),
      'Extension modules: numpy.core._multiarray_umath (total: 1)',
    );
    const report = parseCrashReport(text);
    expect(report).toMatchObject({ signal: 'SIGSEGV', state: null });
    expect(report?.threads.map(({ main, state }) => [main, state])).toEqual([
      [false, CRASHED],
      [true, undefined],
    ]);
    expect(phaseOf(text)).toBe('run');
  });

  test.each([
    ['the module', run, 'run'],
    [
      'the packager',
      [frame('boot', '/app/.bootstrap/pex.py'), frame('<module>', '/app/.bootstrap/pex.py')],
      'startup',
    ],
    ['the wait for threads', shutdown, 'threading-shutdown'],
    ['a destructor', ['  Garbage-collecting', frame('string_at'), frame('__del__')], 'finalization'],
    ["a function of the program's, which may be a handler or a callback", [frame('cleanup')], 'unknown'],
    ['nothing', ['  <no Python frame>'], 'unknown'],
    ['nothing, on Python 3.8', ['<no Python frame>'], 'unknown'],
    ['more frames than it shows', [frame('__del__'), '  ...'], 'unknown'],
  ] as const)('by the root of the main thread: %s', (_, frames, phase) => {
    expect(phaseOf(bySignal('Aborted', thread('Current thread', ...frames)))).toBe(phase);
  });

  test('of more threads than it shows tells no phase: the main one is the oldest', () => {
    expect(phaseOf(bySignal('Aborted', thread('Current thread', ...run), '...', ''))).toBe('unknown');
  });

  test.each([
    ['finalizing', shutdown, 'finalization'],
    ['finalizing', ['  <no Python frame>'], 'finalization'],
    ['initialized', run, 'run'],
    // That of a subinterpreter, in the midst of the run.
    ['initialized', shutdown, 'unknown'],
    ['core initialized', run, 'unknown'],
  ])('by its state: %s, %j', (state, frames, phase) => {
    const text = byInterpreter(state, thread('Thread', ...frames));
    expect(parseCrashReport(text)?.signal).toBe('SIGABRT');
    expect(phaseOf(text)).toBe(phase);
  });

  test('counts where the line before has no end', () => {
    expect(phaseOf(`30%|███ ${byInterpreter('finalizing', thread('Thread', ...run))}`)).toBe('finalization');
  });

  test('counts with what the C library finds broken while the process dies', () => {
    const text = `${byInterpreter('finalizing', thread('Thread', ...run))}double free or corruption (out)\n`;
    expect(phaseOf(text)).toBe('finalization');
  });
});

describe('what is none', () => {
  const report = bySignal('Aborted', thread('Current thread', ...run));

  test.each([
    ['nothing', ''],
    ['other words', 'Traceback (most recent call last):\n'],
    ['one after which the process lived on', `${report}went on\n`],
    ['one that is cut off at its head', report.slice(report.indexOf('Current'))],
    ['one of no signal', bySignal('Out of luck', thread('Current thread', ...run))],
    ['one that another thread wrote into', report.replace(frame('main'), `${frame('main')}\nworking`)],
  ])('%s', (_, text) => {
    expect(parseCrashReport(text)).toBeNull();
  });

  test('an earlier one: the last is what the process died of', () => {
    const printed = byInterpreter('finalizing', thread('Thread', ...shutdown));
    expect(phaseOf(`${printed}${report}`)).toBe('run');
  });
});

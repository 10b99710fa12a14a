import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MARK_NAMES, type MarkName } from '../../../src/evidence/marks.ts';
import { PHASES } from '../../../src/report/model.ts';
import { deadlineOf } from '../../../src/watch/deadlines.ts';
import { advance, credible, knownPhase, phaseAtExit, spawned } from '../../../src/watch/phases.ts';
import { current, isTeardown, type PhaseEvent, type Seen, type Walk } from '../../../src/watch/walk.ts';

const PID = 100;
const OTHER = 200;
const deadlines = { startup: 5000, run: 8000, teardown: 1000, drain: 500, grace: 100 };

function walk(events: readonly PhaseEvent[], boot: 'cold' | 'warm' = 'warm'): Walk {
  return events.reduce(advance, spawned({ deadlines, boot }, PID, 0));
}

const mark = (name: MarkName, t: number, pid = PID): PhaseEvent => ({ kind: 'mark', pid, t, name });
const sample = (phase: Seen, t: number): PhaseEvent => ({ kind: 'sample', t, phase });
const tick = (t: number, late = 0): PhaseEvent => ({ kind: 'tick', t, late });
const exit = (t: number): PhaseEvent => ({ kind: 'exit', t });
const eof = (t: number): PhaseEvent[] => [
  { kind: 'eof', stream: 'stdout', t },
  { kind: 'eof', stream: 'stderr', t },
];
const snapshots = (t: number, ...phases: Seen[]): PhaseEvent => ({ kind: 'snapshots', t, phases });

const cleanEnd = [
  mark('start', 10),
  mark('threading-shutdown', 100),
  mark('atexit', 110),
  mark('finalization', 120),
  mark('interp-clear', 130),
];

describe('at the exit', () => {
  test.each<[string, PhaseEvent[], string | null]>([
    ['marks in their order are sure', cleanEnd.slice(0, 4), 'finalization'],
    ['a start without more is the run', [mark('start', 10)], 'run'],
    ['a sample is of a moment before', [sample('run', 1000)], null],
    ['two samples are, too', [sample('atexit', 1000), sample('atexit', 2000)], null],
    ['a mark without those before it is not sure', [mark('start', 10), mark('finalization', 20)], null],
    ['nothing tells nothing', [], null],
  ])('%s', (_, events, phase) => {
    expect(phaseAtExit(walk([...events, exit(3000)]))).toBe(phase);
  });
});

describe('marks', () => {
  test('lead on where Python frames alone show an earlier phase, as a subinterpreter that ends does', () => {
    const firm = walk(cleanEnd.slice(0, 4));
    const seen = (phase: Seen, native: boolean) => credible(firm, { phase, native });
    expect(seen('threading-shutdown', false)).toBe('unknown');
    expect(seen('threading-shutdown', true)).toBe('threading-shutdown');
    expect(seen('finalization', false)).toBe('finalization');
    expect(seen('native-exit', false)).toBe('native-exit');
    const unmarked = walk([mark('start', 10)]);
    expect(credible(unmarked, { phase: 'startup', native: false })).toBe('startup');
  });

  test('a clean end walks through every phase at the times of its marks', () => {
    const { steps, ending } = walk([...cleanEnd, exit(140), ...eof(141)]);
    expect(steps.map(({ phase, at }) => [phase, at])).toEqual([
      ['startup', 0],
      ['run', 10],
      ['threading-shutdown', 100],
      ['atexit', 110],
      ['finalization', 120],
      ['native-exit', 130],
    ]);
    expect(ending).toEqual({ kind: 'exited', at: 140 });
  });

  test('a new start is an exec: back to the beginning', () => {
    const after = walk([mark('start', 10), mark('threading-shutdown', 20), mark('start', 30)]);
    expect(current(after)).toEqual({ phase: 'run', at: 30, basis: 'assumed' });
    expect(deadlineOf(after)).toEqual({ name: 'run', at: 8000 });
  });

  test('another process than the subject says nothing', () => {
    const marks = [mark('start', 10), mark('threading-shutdown', 20, OTHER)];
    expect(current(walk(marks)).phase).toBe('run');
  });

  test('another subject begins anew, with a deadline of its own', () => {
    const stalled = walk([...cleanEnd, tick(2000)]);
    expect(stalled.due?.name).toBe('teardown');
    const next = advance(stalled, { kind: 'subject', pid: OTHER, t: 2000 });
    expect(next.due).toBeNull();
    expect(current(advance(next, mark('start', 2100, OTHER))).phase).toBe('run');
  });

  test('exit handlers that were run by hand are no teardown once a real one begins', () => {
    const early = walk([mark('start', 10), mark('finalization', 20)]);
    expect(current(early).basis).toBe('tentative');
    expect(deadlineOf(early)).toEqual({ name: 'teardown', at: 1020 });
    const later = advance(early, mark('threading-shutdown', 900));
    expect(current(later)).toEqual({ phase: 'threading-shutdown', at: 900, basis: 'firm' });
    expect(deadlineOf(later)).toEqual({ name: 'teardown', at: 1900 });
    expect(current(walk([mark('interp-clear', 950)])).basis).toBe('tentative');
  });
});

describe('samples', () => {
  test('two alike, apart in time, move a run without marks; the teardown began at the first of them', () => {
    const seen = walk([sample('run', 1000), sample('atexit', 2000), sample('atexit', 3000)]);
    expect(current(seen)).toEqual({ phase: 'atexit', at: 2000, basis: 'sampled' });
    expect(deadlineOf(seen)).toEqual({ name: 'teardown', at: 3000 });
  });

  test.each([
    ['one alone', [sample('atexit', 2000)]],
    ['two too close', [sample('atexit', 2000), sample('atexit', 2100)]],
    ['two that differ', [sample('atexit', 2000), sample('finalization', 3000)]],
    ['one refuted between them', [sample('atexit', 2000), sample('run', 2500), sample('atexit', 3000)]],
  ])('%s moves nothing', (_words, samples) => {
    expect(current(walk([mark('start', 10), ...samples])).phase).toBe('run');
  });

  test('one that failed does not break a pair', () => {
    const seen = walk([sample('atexit', 2000), sample('unknown', 2500), sample('atexit', 3000)]);
    expect(current(seen).phase).toBe('atexit');
  });

  test('firm marks outweigh them', () => {
    const torn = walk([...cleanEnd.slice(0, 2), sample('finalization', 300), sample('finalization', 800)]);
    expect(current(torn).phase).toBe('threading-shutdown');
  });

  test('the first one outside of the packager ends a cold startup', () => {
    const booting = walk([mark('start', 10), sample('startup', 1000)], 'cold');
    expect(deadlineOf(booting)).toEqual({ name: 'startup', at: 5000 });
    const running = advance(booting, sample('run', 2000));
    expect(deadlineOf(running)).toEqual({ name: 'run', at: 10_000 });
  });
});

describe('deadlines', () => {
  test('a held-up guard judges nobody, and gives the time back', () => {
    const held = walk([mark('start', 10), tick(40_000, 35_000)]);
    expect(held.due).toBeNull();
    expect(deadlineOf(held)).toEqual({ name: 'run', at: 43_000 });
    expect(deadlineOf(advance(held, mark('threading-shutdown', 39_000)))?.at).toBe(41_000);
  });

  test('time in which our own reader held the program up is given back, and never twice', () => {
    const held: PhaseEvent[] = [
      { kind: 'held', from: 1000, t: 1500 },
      { kind: 'held', from: 1400, t: 2000 },
      { kind: 'held', from: 5000, t: 5100 },
    ];
    expect(deadlineOf(walk([mark('start', 10), ...held]))).toEqual({ name: 'run', at: 9100 });
  });

  test('time in which the program was held up is given back, of however many times little is kept', () => {
    const held = Array.from({ length: 10_000 }, (_, n): PhaseEvent => {
      const from = 1000 + n * 10;
      return { kind: 'held', from, t: from + 1 };
    });
    const slow = walk([mark('start', 10), ...held]);
    expect(deadlineOf(slow)).toEqual({ name: 'run', at: 18_000 });
    expect(slow.frozen.length).toBeLessThan(1000);
    // None of it before the teardown counts for that.
    expect(deadlineOf(advance(slow, mark('threading-shutdown', 101_000)))?.at).toBe(102_000);
  });

  test('pass at their time and not before', () => {
    const running = walk([mark('start', 10)]);
    expect(advance(running, tick(7999)).due).toBeNull();
    expect(advance(running, tick(8000)).due).toEqual({ name: 'run', at: 8000 });
  });

  test('a program that ends while it is looked at is judged by its exit', () => {
    expect(walk([...cleanEnd, tick(2000), exit(2200)]).due).toBeNull();
    const slow = walk([...cleanEnd, tick(2000), exit(2200), snapshots(2300, 'finalization'), ...eof(2301)]);
    expect(slow.ending).toEqual({ kind: 'exited', at: 2200 });
  });

  test('a run that reaches its teardown while it is looked at goes on', () => {
    const late = walk([mark('start', 10), tick(8000), mark('threading-shutdown', 8100)]);
    expect(advance(late, snapshots(8200, 'run', 'threading-shutdown')).ending).toBeNull();
  });

  test('output that stays open after the exit is a leak only once that was said', () => {
    const open = walk([...cleanEnd, exit(140), tick(640)]);
    expect(open.due).toEqual({ name: 'drain', at: 640 });
    expect(knownPhase(open)).toBe('descendants');
    expect(advance(open, { kind: 'leaked', t: 640 }).ending).toEqual({ kind: 'leaked', at: 640 });
    expect(eof(700).reduce(advance, open).ending).toEqual({ kind: 'exited', at: 140 });
  });
});

describe('the judgement at a deadline', () => {
  const teardown = [...cleanEnd.slice(0, 3), tick(2000)];

  test.each<[string, Seen[], string]>([
    ['a firm mark and nothing seen', ['unknown', 'unknown'], 'atexit'],
    ['a firm mark and one snapshot that differs', ['finalization', 'unknown'], 'atexit'],
    ['a firm mark and two snapshots that disagree', ['run', 'finalization'], 'atexit'],
    ['a firm mark and two snapshots that agree', ['finalization', 'finalization'], 'finalization'],
  ])('%s', (_words, seen, phase) => {
    expect(walk([...teardown, snapshots(3000, ...seen)]).ending).toMatchObject({ kind: 'stalled', phase });
  });

  test('a tentative teardown that the snapshot calls run waits for the deadline of the run', () => {
    const early = [mark('start', 10), mark('finalization', 20), tick(1020), snapshots(2000, 'run', 'run')];
    const back = walk(early);
    expect(back.ending).toBeNull();
    expect(deadlineOf(back)).toEqual({ name: 'run', at: 8000 });
    expect(walk([...early, tick(8000), snapshots(9000, 'run')]).ending).toMatchObject({ phase: 'run' });
  });

  test('without marks and without a look the phase is not guessed', () => {
    expect(walk([tick(8000), snapshots(9000, 'unknown')]).ending).toEqual({
      kind: 'stalled',
      at: 8000,
      deadline: 'run',
      phase: null,
    });
    const tentative = walk([
      mark('start', 10),
      mark('finalization', 20),
      tick(1020),
      snapshots(1100, 'unknown'),
    ]);
    expect(walk([tick(8000)]).due).not.toBeNull();
    expect(advance(advance(tentative, tick(8000)), snapshots(9000, 'unknown')).ending).toMatchObject({
      phase: null,
    });
  });

  test('a cold startup is called stalled only where a look says so', () => {
    const late = [mark('start', 10), tick(5000)];
    expect(walk([...late, snapshots(6000, 'startup')], 'cold').ending).toMatchObject({ phase: 'startup' });
    const unseen = walk([...late, snapshots(6000, 'unknown')], 'cold');
    expect(unseen.ending).toBeNull();
    expect(deadlineOf(unseen)).toEqual({ name: 'run', at: 8010 });
  });

  test('a cancel takes the phase as it is', () => {
    const cancelled = walk([...cleanEnd.slice(0, 2), { kind: 'cancel', t: 300 }, snapshots(400, 'unknown')]);
    expect(cancelled.ending).toEqual({ kind: 'cancelled', at: 300, phase: 'threading-shutdown' });
  });
});

const seen = fc.constantFrom<Seen>(...PHASES, 'unknown');
const anyEvent: fc.Arbitrary<(t: number) => PhaseEvent> = fc.oneof(
  fc.record({ name: fc.constantFrom(...MARK_NAMES), pid: fc.constantFrom(PID, OTHER) }).map(
    (fields) =>
      (t: number): PhaseEvent => ({ kind: 'mark', t, ...fields }),
  ),
  seen.map(
    (phase) =>
      (t: number): PhaseEvent => ({ kind: 'sample', t, phase }),
  ),
  fc.constantFrom(0, 100, 501, 9000).map(
    (late) =>
      (t: number): PhaseEvent => ({ kind: 'tick', t, late }),
  ),
  fc.array(seen, { maxLength: 2 }).map((phases) => (t: number) => snapshots(t, ...phases)),
  fc.constantFrom<'stdout' | 'stderr'>('stdout', 'stderr').map((stream) => (t: number): PhaseEvent => {
    return { kind: 'eof', stream, t };
  }),
  fc.constantFrom(PID, OTHER).map(
    (pid) =>
      (t: number): PhaseEvent => ({ kind: 'subject', pid, t }),
  ),
  fc.constant((t: number): PhaseEvent => ({ kind: 'exit', t })),
  fc.integer({ min: 0, max: 900 }).map(
    (held) =>
      (t: number): PhaseEvent => ({ kind: 'held', from: t - held, t }),
  ),
  fc.constant((t: number): PhaseEvent => ({ kind: 'cancel', t })),
  fc.constant((t: number): PhaseEvent => ({ kind: 'leaked', t })),
);
/** Any events at all, in the order of their times. */
const anyEvents = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3000 }), anyEvent), { maxLength: 30 })
  .map((pairs) => {
    let t = 0;
    return pairs.map(([gap, make]) => {
      t += gap;
      return make(t);
    });
  });
const anyBoot = fc.constantFrom<'cold' | 'warm'>('cold', 'warm');

function eachStep(
  check: (before: Walk, event: PhaseEvent, after: Walk) => void,
): fc.IPropertyWithHooks<[PhaseEvent[], 'cold' | 'warm']> {
  return fc.property(anyEvents, anyBoot, (events, boot) => {
    events.reduce(
      (before, event) => {
        const after = advance(before, event);
        check(before, event, after);
        return after;
      },
      walk([], boot),
    );
  });
}

describe('whatever happens', () => {
  test('phases only go forward, but for an exec, another subject, and what was not firm', () => {
    fc.assert(
      eachStep((before, event, after) => {
        const [from, to] = [current(before), current(after)];
        const restarts = event.kind === 'subject' || (event.kind === 'mark' && event.name === 'start');
        if (restarts || event.kind === 'snapshots' || from.basis !== 'firm') return;
        expect(PHASES.indexOf(to.phase)).toBeGreaterThanOrEqual(PHASES.indexOf(from.phase));
      }),
    );
  });

  test('the first reason is the last word', () => {
    fc.assert(
      eachStep((before, _event, after) => {
        if (before.ending !== null) expect(after).toBe(before);
      }),
    );
  });

  test('no deadline passes before its time, nor in a tick that came late', () => {
    fc.assert(
      eachStep((before, event, after) => {
        if (before.due !== null || after.due === null || after.due.name === 'cancel') return;
        expect(event.kind).toBe('tick');
        if (event.kind !== 'tick') return;
        expect(event.late).toBeLessThanOrEqual(500);
        expect(event.t).toBeGreaterThanOrEqual(after.due.at);
        const began = {
          startup: 0,
          run: after.boot === 'warm' ? 0 : Math.min(...times(after, 'run')),
          teardown: Math.min(...after.steps.filter(({ phase }) => isTeardown(phase)).map(({ at }) => at)),
          drain: after.exitAt ?? Number.POSITIVE_INFINITY,
        }[after.due.name];
        expect(after.due.at).toBeGreaterThanOrEqual(began + deadlines[after.due.name]);
      }),
    );
  });

  test('nothing stalls without a deadline that passed, nothing leaks before its exit', () => {
    fc.assert(
      eachStep((before, event, after) => {
        if (before.ending !== null || after.ending === null) return;
        if (after.ending.kind === 'stalled')
          expect([event.kind, before.due === null]).toEqual(['snapshots', false]);
        if (after.ending.kind === 'leaked') expect(before.exitAt).not.toBeNull();
        if (after.ending.kind === 'exited') expect(after.open).toEqual([]);
      }),
    );
  });

  test('a teardown that starts again starts its clock again', () => {
    fc.assert(
      eachStep((before, event, after) => {
        if (event.kind !== 'mark' || event.name !== 'threading-shutdown' || event.pid !== before.subject)
          return;
        if (current(before).basis !== 'tentative' || before.exitAt !== null || before.ending !== null) return;
        expect(times(after, 'threading-shutdown')).toEqual([event.t]);
        expect(deadlineOf(after)?.at).toBeGreaterThanOrEqual(event.t + deadlines.teardown);
      }),
    );
  });
});

function times({ steps }: Walk, wanted: string): number[] {
  return steps.filter(({ phase }) => phase === wanted).map(({ at }) => at);
}

import { describe, expect, test } from 'vitest';
import { advance, spawned } from '../../../src/watch/phases.ts';
import { nextSample } from '../../../src/watch/sampler.ts';
import type { PhaseEvent, Seen } from '../../../src/watch/walk.ts';

const PID = 100;
const deadlines = { startup: 5000, run: 8000, teardown: 1000, drain: 500, grace: 100 };
const start: PhaseEvent = { kind: 'mark', pid: PID, t: 10, name: 'start' };
const shutdown: PhaseEvent = { kind: 'mark', pid: PID, t: 20, name: 'threading-shutdown' };
const sample = (phase: Seen, t: number): PhaseEvent => ({ kind: 'sample', t, phase });

describe('the next look from outside', () => {
  test.each<[string, PhaseEvent[], number | null, number | null]>([
    ['comes after a second where nothing is known', [], null, 1000],
    ['comes each second where no mark does', [sample('run', 1000)], 1000, 2000],
    ['follows soon on one that must be confirmed', [sample('run', 1000), sample('atexit', 2000)], 2000, 2300],
    [
      'follows as ever on one that was',
      [sample('run', 1000), sample('atexit', 2000), sample('atexit', 2300)],
      2300,
      3300,
    ],
    [
      'comes in a second again where the second one told nothing',
      [sample('run', 1000), sample('atexit', 2000), sample('unknown', 2300)],
      2300,
      3300,
    ],
    ['is seldom needed where the start was marked', [start], null, 5000],
    ['is never needed where the teardown was', [start, shutdown], null, null],
  ])('%s', (_, events, last, next) => {
    const walk = events.reduce(advance, spawned({ deadlines, boot: 'warm' }, PID, 0));
    expect(nextSample(walk, last)).toBe(next);
  });
});

import { duration } from '../report/durations.ts';
import type { RunRecord } from '../report/model.ts';
import { plural } from '../report/text.ts';
import type { Target } from './target.ts';

/** Milliseconds between two lines: the first come soon, and an hour doesn't fill the log. */
const EVERY = { first: 5_000, most: 60_000 };

export interface ProgressOptions {
  readonly target: Target;
  readonly tell: (line: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Tells now and then how far a soak is; called after each run. */
export function openProgress({ target, tell, now }: ProgressOptions): (run: RunRecord) => void {
  const started = now();
  let next = started + EVERY.first;
  let every = EVERY.first;
  let runs = 0;
  let stalls = 0;
  return ({ verdict }) => {
    runs += 1;
    if (verdict === 'stalled') stalls += 1;
    const t = now();
    if (t < next) return;
    every = Math.min(EVERY.most, every * 1.25);
    next = t + every;
    tell(progressLine({ target, runs, stalls, elapsed: t - started }));
  };
}

interface Progress {
  readonly target: Target;
  readonly runs: number;
  readonly stalls: number;
  /** Milliseconds. */
  readonly elapsed: number;
}

function progressLine({ target, runs, stalls, elapsed }: Progress): string {
  const left =
    target.kind === 'runs' ? ((target.runs - runs) * elapsed) / runs : target.milliseconds - elapsed;
  const done = target.kind === 'runs' ? `${runs} of ${plural(target.runs, 'run')}` : plural(runs, 'run');
  const rate = ((runs * 1000) / elapsed).toPrecision(3);
  // A time is over when no further run begins.
  const end = left > 0 ? `about ${duration(left)} left` : 'the last ones are ending';
  return [done, plural(stalls, 'stall'), `${rate} runs a second`, end].join(', ');
}

import { duration } from './durations.ts';
import type { Layout, Report } from './model.ts';
import { TEARDOWN_PHASES } from './timings.ts';

type TeardownPhase = (typeof TEARDOWN_PHASES)[number];
type PhaseTimes = Partial<Record<TeardownPhase, number>>;

/** Milliseconds by smoke run and teardown phase; of a soak what half of the runs took at most. */
export type TeardownTimes = Readonly<Record<string, Readonly<PhaseTimes>>>;

/** A machine that is busy gives a short teardown a few hundred milliseconds more, and a long one a share of it. */
const NOTICEABLE = 500;
const TIMES_AS_LONG = 2;

/** What the runs of a layout took to end; those that did not pass tell nothing. */
export function teardownTimes({ runs, soak }: Pick<Report, 'runs' | 'soak'>, layout: Layout): TeardownTimes {
  const passed =
    soak === null
      ? runs
          .filter((run) => run.layout === layout && run.verdict === 'passed' && run.from === undefined)
          .map(({ name, timings }) => [name, pick((phase) => timings[phase])] as const)
      : soak.series
          .filter((series) => series.layout === layout)
          .map(({ name, timings }) => [name, pick((phase) => timings[phase]?.p50)] as const);
  return Object.fromEntries(passed.filter(([, times]) => Object.keys(times).length > 0));
}

function pick(of: (phase: TeardownPhase) => number | undefined): PhaseTimes {
  const times: PhaseTimes = {};
  for (const phase of TEARDOWN_PHASES) {
    const time = of(phase);
    if (time !== undefined) times[phase] = time;
  }
  return times;
}

/** A sentence for each smoke run whose teardown takes far longer than it did: at least twice as long, and half a second. */
export function regressions(before: TeardownTimes, now: TeardownTimes): readonly string[] {
  return Object.entries(now).flatMap(([name, times]) => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (old === undefined) return [];
    const [was, is] = [sum(old), sum(times)];
    if (is - was < NOTICEABLE || is < was * TIMES_AS_LONG) return [];
    return [`the teardown of “${name}” grew from ${duration(was)} to ${duration(is)} (${grown(old, times)})`];
  });
}

const sum = (times: PhaseTimes) => TEARDOWN_PHASES.reduce((so, phase) => so + (times[phase] ?? 0), 0);

/** The phase that grew most. */
function grown(old: PhaseTimes, times: PhaseTimes): TeardownPhase {
  const growth = (phase: TeardownPhase) => (times[phase] ?? 0) - (old[phase] ?? 0);
  return TEARDOWN_PHASES.reduce((most, phase) => (growth(phase) > growth(most) ? phase : most));
}

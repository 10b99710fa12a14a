import {
  PHASES,
  type Phase,
  type RunRecord,
  type SoakEnding,
  type SoakRecord,
  type SoakSeries,
  VERDICTS,
  type Verdict,
} from '../report/model.ts';
import { seenPhases, teardownTime } from '../report/timings.ts';
import { byVerdict } from '../report/worst.ts';
import { fingerprint } from './fingerprint.ts';
import { exactInterval } from './statistics.ts';
import { addTime, addTimes, type Tallied, timesOf } from './times.ts';

/** How many passed runs of a series are kept whole. */
const GOOD = 3;
/** How many distinct endings of a verdict are kept; of any further one only its verdict is counted. */
const ENDINGS = 10;

/** Adds runs up, in memory that doesn't grow with their number. */
export interface Tally {
  /** True where nothing before has ended alike, and a passed run never. */
  readonly add: (run: RunRecord, python: string | null) => boolean;
  /** Adds what another tally has told, with the runs that it kept. */
  readonly join: (soak: SoakRecord, runs: readonly RunRecord[]) => void;
  /** The runs that are kept whole, and what all of them say together. */
  readonly read: () => { readonly runs: readonly RunRecord[]; readonly soak: SoakRecord };
}

interface Series {
  readonly about: Pick<SoakSeries, 'name' | 'layout' | 'python'>;
  runs: number;
  stalls: number;
  readonly timings: Map<Phase, Tallied>;
  readonly teardown: Tallied;
  readonly good: RunRecord[];
}

interface Ending {
  readonly fingerprint: string;
  readonly run: RunRecord;
  runs: number;
}

export function openTally(): Tally {
  const series = new Map<string, Series>();
  const endings = new Map<string, Ending>();
  const verdicts: Partial<Record<Verdict, number>> = {};

  const count = (verdict: Verdict, runs: number): void => {
    if (runs > 0) verdicts[verdict] = (verdicts[verdict] ?? 0) + runs;
  };
  const seriesOf = ({ name, layout, python }: Series['about']): Series => {
    const key = JSON.stringify([name, layout, python]);
    const known = series.get(key);
    if (known !== undefined) return known;
    const about = { name, layout, python };
    const fresh = { about, runs: 0, stalls: 0, timings: new Map(), teardown: new Map(), good: [] };
    series.set(key, fresh);
    return fresh;
  };
  const keepGood = (one: Series, run: RunRecord): void => {
    if (one.good.length < GOOD) one.good.push(run);
  };
  const keepEnding = (print: string, run: RunRecord, runs: number): boolean => {
    const known = endings.get(print);
    if (known !== undefined) {
      known.runs += runs;
      return false;
    }
    const alike = [...endings.values()].filter(({ run: { verdict } }) => verdict === run.verdict);
    if (alike.length < ENDINGS) endings.set(print, { fingerprint: print, run, runs });
    return alike.length < ENDINGS;
  };

  return {
    add: (run, python) => {
      const one = seriesOf({ name: run.name, layout: run.layout, python });
      count(run.verdict, 1);
      if (run.verdict !== 'cancelled') one.runs += 1;
      if (run.verdict !== 'passed') {
        if (run.verdict === 'stalled') one.stalls += 1;
        return keepEnding(fingerprint(run), run, 1);
      }
      for (const { phase, milliseconds } of seenPhases(run)) {
        if (phase === 'startup' && run.boot === 'cold') continue;
        addTime(entry(one.timings, phase), milliseconds);
      }
      const teardown = teardownTime(run);
      if (teardown !== null) addTime(one.teardown, teardown);
      keepGood(one, run);
      return false;
    },
    join: (soak, runs) => {
      for (const told of soak.series) {
        const one = seriesOf(told);
        one.runs += told.runs;
        one.stalls += told.stalls;
        for (const phase of PHASES) {
          const times = told.timings[phase];
          if (times !== undefined) addTimes(entry(one.timings, phase), times);
        }
        if (told.teardown !== null) addTimes(one.teardown, told.teardown);
        for (const run of runs) {
          const own = run.name === told.name && run.layout === told.layout;
          if (own && run.verdict === 'passed') keepGood(one, run);
        }
      }
      for (const verdict of VERDICTS) count(verdict, soak.verdicts[verdict] ?? 0);
      for (const { fingerprint: print, example, runs: number } of soak.endings) {
        const run = runs[example];
        if (run !== undefined) keepEnding(print, run, number);
      }
    },
    read: () => {
      const kept = [...endings.values()].toSorted(
        (a, b) => byVerdict(a.run, b.run) || b.runs - a.runs || (a.fingerprint < b.fingerprint ? -1 : 1),
      );
      const good = [...series.values()].flatMap((one) => one.good);
      const told = [...series.values()].map(recordOf);
      const runs = told.reduce((sum, one) => sum + one.runs, 0);
      const stalls = told.reduce((sum, one) => sum + one.stalls, 0);
      return {
        runs: [...good, ...kept.map(({ run }) => run)],
        soak: {
          runs,
          stalls,
          interval: exactInterval(stalls, runs),
          verdicts: { ...verdicts },
          series: told,
          endings: kept.map(
            ({ fingerprint: print, run, runs: number }, index): SoakEnding => ({
              fingerprint: print,
              verdict: run.verdict,
              phase: run.phase,
              runs: number,
              example: good.length + index,
            }),
          ),
        },
      };
    },
  };
}

function recordOf({ about, runs, stalls, timings, teardown }: Series): SoakSeries {
  const byPhase = [...timings].flatMap(([phase, tallied]) => {
    const times = timesOf(tallied);
    return times === null ? [] : [[phase, times] as const];
  });
  return {
    ...about,
    runs,
    stalls,
    interval: exactInterval(stalls, runs),
    timings: Object.fromEntries(byPhase),
    teardown: timesOf(teardown),
  };
}

function entry(timings: Map<Phase, Tallied>, phase: Phase): Tallied {
  const known = timings.get(phase) ?? new Map();
  timings.set(phase, known);
  return known;
}

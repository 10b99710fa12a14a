import { doesCount } from '../report/counting.ts';
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
import { addTime, addTimes, type Tallied, timesOf } from '../report/times.ts';
import { seenPhases, teardownTime } from '../report/timings.ts';
import { byVerdict } from '../report/worst.ts';
import { fingerprint } from './fingerprint.ts';
import { exactInterval } from './statistics.ts';

/** How many passed runs of a series are kept whole. */
const GOOD = 3;
/**
 * How many distinct endings of a verdict are kept; of any further one only its verdict is counted. What is the first of
 * its layout is kept beyond that: whether a layout counts is told by its runs.
 */
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

type Verdicts = Map<Verdict, number>;

interface Series {
  readonly about: Pick<SoakSeries, 'name' | 'layout' | 'python'>;
  readonly verdicts: Verdicts;
  readonly timings: Map<Phase, Tallied>;
  readonly teardown: Tallied;
  readonly good: RunRecord[];
}

interface Ending {
  readonly fingerprint: string;
  run: RunRecord;
  runs: number;
}

export function openTally(): Tally {
  const series = new Map<string, Series>();
  const endings = new Map<string, Ending>();
  const seriesOf = ({ name, layout, python }: Series['about']): Series => {
    const key = JSON.stringify([name, layout, python]);
    const known = series.get(key);
    if (known !== undefined) return known;
    const about = { name, layout, python };
    const fresh = { about, verdicts: new Map(), timings: new Map(), teardown: new Map(), good: [] };
    series.set(key, fresh);
    return fresh;
  };
  const keepGood = (one: Series, run: RunRecord): void => {
    if (one.good.length < GOOD || !one.good.some((kept) => standsFor(kept, run))) one.good.push(run);
  };
  const keepEnding = (print: string, run: RunRecord, runs: number): boolean => {
    const known = endings.get(print);
    if (known !== undefined) {
      known.runs += runs;
      if (!doesCount(known.run) && doesCount(run)) known.run = run;
      return false;
    }
    const alike = [...endings.values()].filter((kept) => kept.run.verdict === run.verdict);
    const isKept = alike.length < ENDINGS || !alike.some((kept) => standsFor(kept.run, run));
    if (isKept) endings.set(print, { fingerprint: print, run, runs });
    return isKept;
  };

  return {
    add: (run, python) => {
      const one = seriesOf({ name: run.name, layout: run.layout, python });
      count(one.verdicts, run.verdict, 1);
      if (run.verdict !== 'passed') return keepEnding(fingerprint(run), run, 1);
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
        for (const verdict of VERDICTS) count(one.verdicts, verdict, told.verdicts[verdict] ?? 0);
        for (const phase of PHASES) {
          const times = told.timings[phase];
          if (times !== undefined) addTimes(entry(one.timings, phase), times);
        }
        if (told.teardown !== null) addTimes(one.teardown, told.teardown);
        for (const run of runs) {
          const own = run.name === told.name && run.layout === told.layout && run.from === undefined;
          if (own && run.verdict === 'passed') keepGood(one, run);
        }
      }
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
      const all: Verdicts = new Map();
      for (const one of series.values())
        for (const [verdict, runs] of one.verdicts) count(all, verdict, runs);
      return {
        runs: [...good, ...kept.map(({ run }) => run)],
        soak: {
          ...countsOf(all),
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

function standsFor(kept: RunRecord, run: RunRecord): boolean {
  return kept.layout === run.layout && doesCount(kept) === doesCount(run);
}

function count(verdicts: Verdicts, verdict: Verdict, runs: number): void {
  if (runs > 0) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + runs);
}

function countsOf(verdicts: Verdicts): Pick<SoakRecord, 'runs' | 'stalls' | 'interval' | 'verdicts'> {
  const all = [...verdicts.values()].reduce((sum, number) => sum + number, 0);
  const runs = all - (verdicts.get('cancelled') ?? 0);
  const stalls = verdicts.get('stalled') ?? 0;
  return { runs, stalls, interval: exactInterval(stalls, runs), verdicts: Object.fromEntries(verdicts) };
}

function recordOf({ about, verdicts, timings, teardown }: Series): SoakSeries {
  const byPhase = [...timings].flatMap(([phase, tallied]) => {
    const times = timesOf(tallied);
    return times === null ? [] : [[phase, times] as const];
  });
  return {
    ...about,
    ...countsOf(verdicts),
    timings: Object.fromEntries(byPhase),
    teardown: timesOf(teardown),
  };
}

function entry(timings: Map<Phase, Tallied>, phase: Phase): Tallied {
  const known = timings.get(phase) ?? new Map();
  timings.set(phase, known);
  return known;
}

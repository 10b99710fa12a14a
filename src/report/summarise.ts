import { duration } from './durations.ts';
import type { Layout, Report, RunRecord, SoakRecord } from './model.ts';
import { shareWords } from './soakWords.ts';
import { plural } from './text.ts';
import { teardownTime } from './timings.ts';
import { worstRun } from './worst.ts';

/** One sentence for the whole. */
export function summarise(
  report: Pick<Report, 'verdict' | 'layout' | 'runs' | 'soak' | 'warnings' | 'failure'>,
): string {
  if (report.verdict === 'not-built') return sentence(report.failure?.message ?? 'Nothing was built');
  const { soak } = report;
  if (soak !== null && report.verdict === 'cancelled') {
    return `It was cancelled after ${plural(soak.runs, 'run')}, of which ${soak.stalls} stalled.`;
  }
  const worst = worstRun(report.runs);
  if (worst === null)
    return report.verdict === 'cancelled' ? 'It was cancelled before anything was run.' : 'Nothing was run.';
  // Every run passed, and yet not all is well: a teardown that grew.
  if (report.verdict === 'failed' && worst.verdict === 'passed') {
    return sentence(capital(report.warnings.join('; ')));
  }
  const about = worst.diagnosis?.summary ?? worst.reason;
  const counts = soak === null ? howMany(report.runs, worst) : howManySoaked(soak, worst);
  const whole = counts === null ? sentence(about) : `${counts}: ${sentence(about)}`;
  if (report.verdict !== 'passed') return whole;
  if (worst.verdict !== 'passed') {
    return `${report.layout === null ? 'What is shipped' : `The ${report.layout} layout`} passed; ${whole}`;
  }
  return soak === null ? passed(report.runs) : soaked(soak);
}

function passed(runs: readonly RunRecord[]): string {
  const slowest = Math.max(...runs.map((run) => teardownTime(run) ?? 0));
  const teardown = runs.every((run) => teardownTime(run) === null)
    ? ''
    : `, ${runs.length === 1 ? 'its' : 'the slowest'} teardown took ${duration(slowest)}`;
  return runs.length === 1
    ? `It ran and ended by itself${teardown}.`
    : `All ${runs.length} runs ended by themselves${teardown}.`;
}

/** "zipapp stalled in 3 of 20 runs, venv in 0 of 20"; null where there was but one run. */
function howMany(runs: readonly RunRecord[], worst: RunRecord): string | null {
  if (runs.length === 1) return null;
  const layouts = [...new Set(runs.map((run) => run.layout))];
  const tally = (layout: Layout) => {
    const inLayout = runs.filter((run) => run.layout === layout);
    return {
      layout,
      bad: inLayout.filter((run) => run.verdict === worst.verdict).length,
      all: inLayout.length,
    };
  };
  const verb = VERBS[worst.verdict];
  if (layouts.length === 1) {
    const { bad, all } = tally(worst.layout);
    return `${plural(bad, 'run')} of ${all} ${verb}`;
  }
  const [first, ...others] = [worst.layout, ...layouts.filter((layout) => layout !== worst.layout)].map(
    tally,
  );
  if (first === undefined) return null;
  const rest = others.map(({ layout, bad, all }) => `${layout} in ${bad} of ${all}`);
  return [`${first.layout} ${verb} in ${first.bad} of ${plural(first.all, 'run')}`, ...rest].join(', ');
}

function soaked({ runs, interval }: SoakRecord): string {
  const all = runs === 1 ? 'The one run' : `All ${runs} runs`;
  return `${all} ended ${runs === 1 ? 'by itself' : 'by themselves'}: it stalls in ${shareWords(interval)} of its runs, with 95 % confidence.`;
}

/** "3 of 20 runs stalled (3.21 % to 37.9 % with 95 % confidence)", of several layouts each by itself. */
function howManySoaked(soak: SoakRecord, { verdict }: RunRecord): string {
  const bad = soak.verdicts[verdict] ?? 0;
  const total = `${bad} of ${plural(soak.runs, 'run')} ${VERBS[verdict]}`;
  if (verdict !== 'stalled') return total;
  const layouts = [...new Set(soak.series.map(({ layout }) => layout))];
  if (layouts.length === 1) return `${total} (${shareWords(soak.interval)} with 95 % confidence)`;
  const sums = layouts
    .map((layout) => {
      const own = soak.series.filter((series) => series.layout === layout);
      const sum = (key: 'runs' | 'stalls') => own.reduce((so, series) => so + series[key], 0);
      return { layout, stalls: sum('stalls'), runs: sum('runs') };
    })
    .toSorted((a, b) => b.stalls / b.runs - a.stalls / a.runs);
  const words = sums.map(({ layout, stalls, runs }, index) =>
    index === 0
      ? `${layout} stalled in ${stalls} of ${plural(runs, 'run')}`
      : `${layout} in ${stalls} of ${runs}`,
  );
  return words.join(', ');
}

const VERBS: Readonly<Record<RunRecord['verdict'], string>> = {
  cancelled: 'got cancelled',
  'not-started': 'did not start',
  stalled: 'stalled',
  leaked: 'left its output open',
  crashed: 'crashed',
  failed: 'failed',
  passed: 'passed',
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

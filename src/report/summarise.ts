import { duration } from './durations.ts';
import type { Layout, Report, RunRecord } from './model.ts';
import { plural } from './text.ts';
import { teardownTime } from './timings.ts';
import { worstRun } from './worst.ts';

/** One sentence for the whole. */
export function summarise(report: Pick<Report, 'verdict' | 'runs' | 'failure'>): string {
  if (report.verdict === 'not-built') return sentence(report.failure?.message ?? 'Nothing was built');
  const worst = worstRun(report.runs);
  if (worst === null)
    return report.verdict === 'cancelled' ? 'It was cancelled before anything was run.' : 'Nothing was run.';
  if (report.verdict === 'passed') return passed(report.runs);
  const about = worst.diagnosis?.summary ?? worst.reason;
  const counts = howMany(report.runs, worst);
  return counts === null ? sentence(about) : `${counts}: ${sentence(about)}`;
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

const VERBS: Readonly<Record<RunRecord['verdict'], string>> = {
  cancelled: 'got cancelled',
  'not-started': 'did not start',
  stalled: 'stalled',
  leaked: 'left its output open',
  crashed: 'crashed',
  failed: 'failed',
  passed: 'passed',
};

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

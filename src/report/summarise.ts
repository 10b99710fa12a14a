import { doesCount, judgedRuns } from './counting.ts';
import { duration } from './durations.ts';
import { type RunGroup, runGroups } from './groups.ts';
import {
  type Layout,
  type Report,
  type RunRecord,
  type SoakRecord,
  type SoakSeries,
  VERDICTS,
} from './model.ts';
import { aboutRun } from './reason.ts';
import { shareWords } from './soakWords.ts';
import { plural } from './text.ts';
import { teardownTime } from './timings.ts';
import { worstRun } from './worst.ts';

/** One sentence for the whole. */
export function summarise(
  report: Pick<Report, 'verdict' | 'layout' | 'runs' | 'soak' | 'warnings' | 'failure'>,
): string {
  if (report.verdict === 'not-built') return failureSentence(report.failure?.message ?? 'Nothing was built');
  const { soak } = report;
  if (soak !== null && report.verdict === 'cancelled') {
    if (soak.runs === 0) return 'It was cancelled before any run ended.';
    return `It was cancelled after ${plural(soak.runs, 'run')}, of which ${soak.stalls} stalled.`;
  }
  const worst = worstRun(judgedRuns(report));
  if (worst === null)
    return report.verdict === 'cancelled' ? 'It was cancelled before anything was run.' : 'Nothing was run.';
  if (report.verdict === 'cancelled' && worst.verdict === 'passed') {
    return `It was cancelled after ${plural(report.runs.length, 'run')} that passed.`;
  }
  // Every run passed, and yet not all is well: a teardown that grew.
  if (report.verdict === 'failed' && worst.verdict === 'passed') {
    return sentence(capital(report.warnings.join('; ')));
  }
  if (report.verdict === 'passed') {
    const others = runGroups(report.runs);
    const [other] = others;
    if (other === undefined) return soak === null ? passed(report.runs) : soaked(soak);
    const shipped = report.layout === null ? 'What is shipped' : `The ${report.layout} layout`;
    return `${shipped} passed; ${told(report, others, other.example)}`;
  }
  const groups = runGroups(judgedRuns(report));
  const beside = runGroups(report.runs.filter((run) => !doesCount(run)));
  const others = beside.filter(({ example }) => !groups.some((group) => isLike(group.example, example)));
  const whole = told(report, groups, worst);
  return others.length === 0 ? whole : `${whole.replace(/\.$/u, '')}; beside it ${endings(report, others)}`;
}

function told(report: Pick<Report, 'runs' | 'soak'>, groups: readonly RunGroup[], worst: RunRecord): string {
  return groups.length > 1 ? endings(report, groups) : oneEnding(report, worst);
}

/** What another layout has as well is told by the counts. */
function isLike(a: RunRecord, b: RunRecord): boolean {
  return a.verdict === b.verdict && a.diagnosis?.cause === b.diagnosis?.cause;
}

function oneEnding({ runs, soak }: Pick<Report, 'runs' | 'soak'>, worst: RunRecord): string {
  const about = aboutRun(worst);
  // The soak knows nothing of runs out of the archive.
  const counted = soak !== null && worst.from === undefined;
  const counts = counted ? howManySoaked(soak, worst) : soak === null ? howMany(runs, worst) : null;
  return counts === null
    ? sentence(worst.from === undefined ? about : capital(about))
    : `${counts}: ${sentence(about)}`;
}

/** "3 runs of 7 stalled (nondaemon-thread, atexit-handler), 2 failed": no sentence of one speaks for the others. */
function endings(report: Pick<Report, 'runs' | 'soak'>, groups: readonly RunGroup[]): string {
  if (report.soak !== null && groups.every(({ example }) => example.from !== undefined)) {
    const runs = report.runs.filter(({ from }) => from !== undefined);
    return `Out of the archive: ${endings({ runs, soak: null }, groups)}`;
  }
  const { runs, soak } = report;
  const oneLayout = new Set((soak?.series ?? runs).map(({ layout }) => layout)).size === 1;
  const words = VERDICTS.flatMap((verdict) => {
    const alike = groups.filter(({ example }) => example.verdict === verdict);
    const example = alike[0]?.example;
    if (example === undefined) return [];
    const first = example.verdict === groups[0]?.example.verdict;
    const count = soak?.verdicts[verdict] ?? alike.reduce((sum, group) => sum + group.runs.length, 0);
    const whole = soak === null ? howMany(runs, example) : howManySoaked(soak, example);
    return [`${first || !oneLayout ? whole : `${count} ${VERBS[verdict]}`}${causes(alike)}`];
  });
  return sentence(words.join(soak === null && oneLayout ? ', ' : '; '));
}

const CAUSES = 5;

function causes(groups: readonly RunGroup[]): string {
  const all = [...new Set(groups.map(({ example }) => example.diagnosis?.cause ?? 'unknown'))];
  if (all.every((cause) => cause === 'unknown')) return '';
  const words = all.slice(0, CAUSES).map((cause) => (cause === 'unknown' ? 'cause unknown' : cause));
  const more = all.length > CAUSES ? [`${all.length - CAUSES} more`] : [];
  return ` (${[...words, ...more].join(', ')})`;
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
function howManySoaked(soak: SoakRecord, { verdict, layout: own }: RunRecord): string {
  const verb = VERBS[verdict];
  const layouts = [...new Set(soak.series.map(({ layout }) => layout))];
  if (layouts.length === 1) {
    const total = `${soak.verdicts[verdict] ?? 0} of ${plural(soak.runs, 'run')} ${verb}`;
    return verdict === 'stalled' ? `${total} (${shareWords(soak.interval)} with 95 % confidence)` : total;
  }
  const sums = [own, ...layouts.filter((layout) => layout !== own)].map((layout) => {
    const series = soak.series.filter((one) => one.layout === layout);
    const sum = (of: (one: SoakSeries) => number) => series.reduce((so, one) => so + of(one), 0);
    return { layout, bad: sum(({ verdicts }) => verdicts[verdict] ?? 0), runs: sum(({ runs }) => runs) };
  });
  const words = sums.map(({ layout, bad, runs }, index) =>
    index === 0 ? `${layout} ${verb} in ${bad} of ${plural(runs, 'run')}` : `${layout} in ${bad} of ${runs}`,
  );
  return words.join(', ');
}

const VERBS: Readonly<Record<RunRecord['verdict'], string>> = {
  cancelled: 'got cancelled',
  'not-started': 'did not start',
  stalled: 'stalled',
  leaked: 'leaked',
  crashed: 'crashed',
  failed: 'failed',
  passed: 'passed',
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The first line of why nothing was built; the others stand below it wherever it is shown. */
export function failureSentence(message: string): string {
  const [line = ''] = message.trim().split('\n');
  return sentence(line.replace(/:\s*$/u, ''));
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

import { LAYOUTS_OF } from '../build/layoutsOf.ts';
import { frameKind, NO_KNOWLEDGE } from '../diagnose/frameKind.ts';
import type { BuiltLayout, Layout, Report, RunRecord } from '../report/model.ts';
import { plural } from '../report/text.ts';
import { worstRun } from '../report/worst.ts';
import type { Settings } from '../settings/settings.ts';

type Wish = Pick<Settings, 'builder' | 'layouts' | 'onStall'>;
type Seen = Pick<Report, 'runs' | 'soak'>;

/**
 * The layout that is worth trying beside the one that was asked for; null where it would tell nothing. Another layout
 * has another runtime of the packager around the program, and nothing else that is different.
 */
export function otherLayout(
  { builder, layouts, onStall }: Wish,
  runs: readonly RunRecord[],
  packagerFiles: readonly string[],
): BuiltLayout | null {
  const [asked, ...more] = layouts;
  if (asked === undefined || more.length > 0) return null;
  const stalled = runs.filter(({ verdict }) => verdict === 'stalled');
  const hoped = onStall === 'use-venv' && asked === 'zipapp' && stalled.length > 0;
  if (!hoped && !stalled.some((run) => isInPackager(run, packagerFiles))) return null;
  return LAYOUTS_OF[builder].find((layout) => layout !== asked) ?? null;
}

/** The packager's frames around the program's own are in every stack; only those that the program doesn't stand in count. */
function isInPackager({ evidence }: RunRecord, packagerFiles: readonly string[]): boolean {
  const knowledge = { ...NO_KNOWLEDGE, packagerFiles };
  return evidence
    .flatMap(({ threads }) => threads.filter(({ guilty }) => guilty === true))
    .some(({ frames }) => {
      const kinds = frames.map((frame) => frameKind(frame, knowledge));
      const own = kinds.findIndex((kind) => kind === 'user' || kind === 'installed');
      return kinds.slice(0, own === -1 ? kinds.length : own).includes('packager');
    });
}

/** The layout that users get: the first, but with `use-venv` the venv where the zipapp stalls and the venv never did. */
export function layoutToShip(
  { layouts, onStall }: Pick<Wish, 'layouts' | 'onStall'>,
  seen: Seen,
): BuiltLayout {
  const [first = 'venv'] = layouts;
  if (first === 'venv' || onStall !== 'use-venv') return first;
  const zipapp = figures(seen, 'zipapp');
  return zipapp.stalled > 0 && hasPassed(seen, 'venv') ? 'venv' : 'zipapp';
}

/** The runs that the verdict of the whole is of: with `use-venv` those of what is shipped, else of all that was asked for. */
export function judged(
  { layouts, onStall }: Pick<Wish, 'layouts' | 'onStall'>,
  shipped: BuiltLayout,
  { runs }: Seen,
): readonly RunRecord[] {
  return runs.filter(({ layout }) =>
    onStall === 'use-venv' ? layout === shipped : layouts.some((asked) => asked === layout),
  );
}

/** The same runs; those that don't count say so. */
export function weighed(wish: Wish, shipped: BuiltLayout, seen: Seen): Seen {
  const counted = new Set(judged(wish, shipped, seen));
  return { ...seen, runs: seen.runs.map((run) => (counted.has(run) ? run : { ...run, counts: false })) };
}

/** What becomes a warning where a layout stalls and yet the verdict is another's; null where nothing is to be told. */
export function layoutWarning(
  wish: Pick<Wish, 'layouts' | 'onStall'>,
  shipped: BuiltLayout,
  seen: Seen,
): string | null {
  if (worstRun(judged(wish, shipped, seen))?.verdict !== 'passed') return null;
  const stalled = seen.runs.find(({ layout, verdict }) => layout !== shipped && verdict === 'stalled');
  if (stalled === undefined) return null;
  const other = stalled.layout;
  const cause = stalled.diagnosis?.cause ?? 'unknown';
  const instead =
    wish.layouts[0] === shipped ? 'which is shipped' : `which is shipped instead of the ${other}`;
  return `the ${other} stalls in ${ofRuns(seen, other)}, the ${shipped}, ${instead}, in ${ofRuns(seen, shipped)}; cause: ${cause}`;
}

/** Whether it was run, and passed each time. */
export function hasPassed(seen: Seen, layout: Layout): boolean {
  const { runs, passed } = figures(seen, layout);
  return runs > 0 && passed === runs;
}

function ofRuns(seen: Seen, layout: Layout): string {
  const { stalled, runs } = figures(seen, layout);
  return `${stalled} of ${plural(runs, 'run')}`;
}

interface Figures {
  readonly runs: number;
  readonly stalled: number;
  readonly passed: number;
}

function figures({ runs, soak }: Seen, layout: Layout): Figures {
  if (soak === null) {
    const own = runs.filter((run) => run.layout === layout);
    const count = (verdict: RunRecord['verdict']) => own.filter((run) => run.verdict === verdict).length;
    return { runs: own.length, stalled: count('stalled'), passed: count('passed') };
  }
  const own = soak.series.filter((series) => series.layout === layout);
  const sum = (of: (series: (typeof own)[number]) => number) =>
    own.reduce((so, series) => so + of(series), 0);
  return {
    runs: sum((series) => series.runs),
    stalled: sum((series) => series.stalls),
    passed: sum(({ verdicts }) => verdicts.passed ?? 0),
  };
}

import { layoutsBeside } from './counting.ts';
import { duration } from './durations.ts';
import { PHASES, type Report, type RunRecord, type SoakSeries, type Times, VERDICTS } from './model.ts';
import { shareWords } from './soakWords.ts';
import type { Paint } from './style.ts';
import { clip, plural, printable } from './text.ts';

const COLUMN = 10;
const SERIES = 12;
const PARTS = 40;

/** What the runs of a soak say together: one block a series, its times below. */
export function soakBlocks({ soak, runs }: Report, width: number, paint: Paint): string[][] {
  if (soak === null) return [];
  const beside = layoutsBeside(runs);
  const blocks = soak.series
    .slice(0, SERIES)
    .map((series) => seriesBlock(series, beside.includes(series.layout), width, paint));
  const more = soak.series.length - blocks.length;
  return [
    ...blocks,
    ...(more > 0 ? [[paint.dim(`  … ${plural(more, 'series', 'series')} more (all in the report)`)]] : []),
  ];
}

function seriesBlock(series: SoakSeries, beside: boolean, width: number, paint: Paint): string[] {
  const { runs, stalls, interval, verdicts } = series;
  const fine = (verdicts.passed ?? 0) === runs;
  const others = VERDICTS.filter((verdict) => verdict !== 'passed' && verdict !== 'stalled').flatMap(
    (verdict) => (verdicts[verdict] === undefined ? [] : [`${verdicts[verdict]} ${verdict}`]),
  );
  const counts = [plural(runs, 'run'), ...others, plural(stalls, 'stall')].join(', ');
  const right = `${counts}: ${shareWords(interval)}`;
  const python = series.python === null ? '' : `, ${printable(series.python, 20)}`;
  const about = ` (${series.layout}${python}${beside ? ', beside the verdict' : ''})`;
  const name = clip(printable(series.name), Math.max(8, width - right.length - about.length - 6));
  const gap = Math.max(2, width - 4 - [...name].length - about.length - right.length);
  const sign = fine ? paint.good('✓') : paint.bad('✗');
  const rows = [
    ...PHASES.flatMap((phase) => timeRow(phase, series.timings[phase])),
    ...timeRow('whole teardown', series.teardown ?? undefined),
  ];
  const head = ['p50', 'p95', 'max'].map((word) => word.padStart(COLUMN)).join('');
  return [
    `  ${sign} ${paint.bold(name)}${paint.dim(about)}${' '.repeat(gap)}${fine ? right : paint.bad(right)}`,
    ...(rows.length === 0 ? [] : [`    ${''.padEnd(LABEL)}${head}`, ...rows].map(paint.dim)),
  ];
}

const LABEL = Math.max(...PHASES.map((phase) => phase.length));

function timeRow(label: string, times: Times | undefined): string[] {
  if (times === undefined) return [];
  const cells = [times.p50, times.p95, times.max].map((time) => duration(time).padStart(COLUMN));
  return [`    ${label.padEnd(LABEL)}${cells.join('')}`];
}

/** A line for each report that was merged. */
export function partBlock({ parts }: Report, paint: Paint): string[] {
  const lines = parts.slice(0, PARTS).map((part) => {
    const sign = part.verdict === 'passed' ? paint.good('✓') : paint.bad('✗');
    const about = [
      part.python,
      part.shard === null ? null : `shard ${part.shard.index}/${part.shard.of}`,
      `${plural(part.runs, 'run')}, ${plural(part.stalls, 'stall')}`,
    ].filter((word) => word !== null);
    return `  ${sign} ${printable(part.file, 80)}: ${part.verdict} ${paint.dim(`(${printable(about.join(', '))})`)}`;
  });
  const more = parts.length - lines.length;
  return more > 0 ? [...lines, paint.dim(`  … ${plural(more, 'report')} more`)] : lines;
}

/** How many runs ended like this one, which stands for them; null where it was the only one. */
export function alikeWords({ soak, runs }: Report, run: RunRecord): string | null {
  const ending = soak?.endings.find(({ example }) => runs[example] === run);
  return ending === undefined || ending.runs === 1 ? null : `${ending.runs} runs ended like this one`;
}

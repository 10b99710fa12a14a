import { duration } from './durations.ts';
import { markdownCode, markdownText } from './markdown.ts';
import { PHASES, type Report, type SoakSeries, type Times } from './model.ts';
import { shareWords } from './soakWords.ts';

const ROWS = 50;

/** The series of a soak as a table, and their times by phase folded below. */
export function soakMarkdown({ soak }: Report): string {
  if (soak === null) return '';
  const shown = soak.series.slice(0, ROWS);
  const head = ['run', 'layout', 'Python', 'runs', 'stalls', 'share, 95 % sure', 'teardown p50 / p95 / max'];
  const rows = shown.map((series) => [
    markdownCode(series.name, 120),
    series.layout,
    series.python === null ? '' : markdownText(series.python, 20),
    String(series.runs),
    series.stalls === 0 ? '0' : `**${series.stalls}**`,
    shareWords(series.interval),
    timeCell(series.teardown),
  ]);
  const byPhase = shown.flatMap((series) =>
    PHASES.flatMap((phase) => {
      const times = series.timings[phase];
      return times === undefined ? [] : [phaseRow(series, phase, times)];
    }),
  );
  const phaseHead = ['run', 'layout', 'Python', 'phase', 'p50 / p95 / max'];
  const folded = `<details><summary>Times by phase</summary>\n\n${table(phaseHead, byPhase)}\n\n</details>`;
  return [table(head, rows), ...(byPhase.length === 0 ? [] : [folded])].join('\n\n');
}

/** The reports that were merged, a row each. */
export function partsMarkdown({ parts }: Report): string {
  if (parts.length === 0) return '';
  const rows = parts
    .slice(0, ROWS)
    .map(({ file, python, platform, shard, verdict, runs, stalls }) => [
      markdownCode(file, 120),
      python === null ? '' : markdownText(python, 20),
      markdownText(platform, 40),
      shard === null ? '' : `${shard.index}/${shard.of}`,
      verdict === 'passed' ? verdict : `**${verdict}**`,
      String(runs),
      String(stalls),
    ]);
  return table(['report', 'Python', 'platform', 'shard', 'verdict', 'runs', 'stalls'], rows);
}

function phaseRow({ name, layout, python }: SoakSeries, phase: string, times: Times): readonly string[] {
  return [
    markdownCode(name, 120),
    layout,
    python === null ? '' : markdownText(python, 20),
    phase,
    timeCell(times),
  ];
}

function timeCell(times: Times | null): string {
  return times === null ? '' : [times.p50, times.p95, times.max].map(duration).join(' / ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

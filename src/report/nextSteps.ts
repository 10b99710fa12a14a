import { runGroups, runsByCause } from './groups.ts';
import type { Report, RunRecord } from './model.ts';
import type { Paint } from './style.ts';
import { clip, printable, wrap } from './text.ts';

/** How many causes are told what to do about. */
const CAUSES = 5;

/** What to change, then where to look: each cause and each guilty line once. */
export function nextSteps(report: Report, width: number, dumpFile: string | null, paint: Paint): string[] {
  const verdict: Report['verdict'] = report.verdict;
  if (verdict === 'passed' || verdict === 'not-built') return [];
  const causes = runsByCause(report.runs).slice(0, CAUSES);
  const lines = remedyBlock(causes, width, paint);
  const next: [string, string][] = lineWords(report).map((words) => ['the line', words]);
  if (dumpFile !== null) next.push(['all stacks', printable(dumpFile)]);
  for (const { diagnosis } of causes) {
    if (diagnosis !== null) next.push(['this cause', docsPage(diagnosis.cause)]);
  }
  if (next.length === 0) return lines;
  const column = Math.max(...next.map(([label]) => label.length));
  if (lines.length > 0) lines.push('');
  lines.push(paint.bold('  Where to look next'));
  lines.push(...next.map(([label, value]) => `    ${label.padEnd(column)}  ${value}`));
  return lines;
}

/** What to change for each cause, named where there are several. */
function remedyBlock(causes: readonly RunRecord[], width: number, paint: Paint): string[] {
  const several = causes.length > 1;
  const lines = causes.flatMap(({ name, diagnosis }, index) => {
    if (diagnosis === null || diagnosis.remedy === null) return [];
    const title = `${printable(diagnosis.cause, 60)}: ${clip(printable(name), 60)}`;
    return [
      ...(several && index > 0 ? [''] : []),
      ...(several ? [`    ${paint.bold(title)}`] : []),
      ...remedyLines(diagnosis.remedy, width),
    ];
  });
  return lines.length === 0 ? [] : [paint.bold('  What to change'), ...lines];
}

/** The guilty lines of the checkout, each once. */
function lineWords({ runs }: Report): string[] {
  const words = runGroups(runs).flatMap(({ example }) => {
    const source = example.diagnosis?.guilty?.source ?? null;
    if (source === null) return [];
    const doubt = source.exact
      ? ''
      : '  (the packaged file differs from this one or carries no source: it may be off)';
    return [`${printable(source.path)}:${source.line}${doubt}`];
  });
  return [...new Set(words)].slice(0, CAUSES);
}

function docsPage(cause: string): string {
  return `docs/causes.md#${printable(cause, 60)} in exitproof's repository`;
}

/** Code in a remedy keeps its lines; sentences are wrapped. */
function remedyLines(remedy: string, width: number): string[] {
  return remedy
    .split('\n')
    .flatMap((line) => (/^\s/u.test(line) ? [printable(line)] : wrap(printable(line), width - 4)))
    .map((line) => (line === '' ? '' : `    ${line}`));
}

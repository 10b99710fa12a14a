import { byWeight, doesCount } from './counting.ts';
import { duration } from './durations.ts';
import { runsByCause, tellingRuns } from './groups.ts';
import { location } from './location.ts';
import { markdownBlock, markdownCode, markdownText } from './markdown.ts';
import type { Diagnosis, Report, RunRecord } from './model.ts';
import { aboutRun, toldIn } from './reason.ts';
import { partsMarkdown, soakMarkdown } from './soakMarkdown.ts';
import { alikeWords } from './soakTerminal.ts';
import { stackViews } from './stackView.ts';
import { failureSentence } from './summarise.ts';
import { plural, printable } from './text.ts';
import { seenPhases } from './timings.ts';

/** GitHub takes 1 MiB a step; these keep a soak's summary far below it. */
const ROWS = 50;
const STACKS = 5;

/** The job summary of GitHub, in Markdown. What the program controls is escaped in it. */
export function renderSummary(report: Report): string {
  const sorted = report.runs.toSorted(byWeight);
  const parts = [
    heading(report),
    markdownText(report.summary, 2000),
    report.warnings.map((warning) => `- ⚠️ ${markdownText(warning)}`).join('\n'),
    report.failure === null ? '' : failure(report, report.failure),
    partsMarkdown(report),
    soakMarkdown(report),
    runTable(report.soak === null ? sorted : sorted.filter(({ verdict }) => verdict !== 'passed')),
    ...tellingRuns(report, STACKS).map((run) => details(run, report)),
    facts(report),
    report.notices.map((notice) => `- ${markdownText(notice)}`).join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function heading(report: Report): string {
  const sign = report.verdict === 'passed' ? '✅' : '❌';
  const where = report.phase === null ? '' : ` in ${report.phase}`;
  const cause =
    report.cause === null || report.cause === 'unknown' ? '' : ` · ${markdownCode(report.cause, 60)}`;
  return `### ${sign} exitproof: ${report.verdict}${where}${cause}`;
}

function failure({ summary }: Report, { message, hint }: NonNullable<Report['failure']>): string {
  const [first = '', ...others] = message.trim().split('\n').slice(0, 60);
  const lines = failureSentence(first) === summary ? others : [first, ...others];
  const block = lines.length > 0 ? markdownBlock(lines.map((line) => printable(line, 1000))) : '';
  return [block, hint === null ? '' : markdownText(hint, 1000)].filter((part) => part !== '').join('\n\n');
}

function runTable(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return '';
  const rows = runs.slice(0, ROWS).map((run) => {
    const phases = seenPhases(run).map(({ phase, milliseconds }) => {
      const text = `${phase} ${duration(milliseconds)}`;
      return phase === run.phase ? `**${text}**` : text;
    });
    const verdict = run.phase === null ? run.verdict : `${run.verdict} in ${run.phase}`;
    const cells = [
      markdownCode(run.name, 120),
      `${run.layout}${run.from === undefined ? '' : ` from the ${run.from}`}${doesCount(run) ? '' : ', beside the verdict'}`,
      run.verdict === 'passed' ? verdict : `**${verdict}**`,
      duration(run.duration),
      phases.join('<br>'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const rest = runs.length - rows.length;
  const more = rest > 0 ? [`| … ${plural(rest, 'run')} more | | | | |`] : [];
  return [
    '| run | layout | verdict | time | phases |',
    '| --- | --- | --- | ---: | --- |',
    ...rows,
    ...more,
  ].join('\n');
}

function details(run: RunRecord, report: Report): string {
  const diagnosis = run.diagnosis;
  const alike = alikeWords(report, run);
  const about = aboutRun(run);
  // What the report's own sentence has said stands right above.
  const words = toldIn(report.summary, about) ? run.verdict : `${run.verdict}: ${about}`;
  const lines = [`#### ${markdownCode(run.name, 120)}: ${markdownText(words, 2000)}`];
  if (alike !== null) lines.push(`${alike}.`);
  if (diagnosis !== null) lines.push(...guiltyLines(diagnosis));
  if (diagnosis !== null && tellsCause(run, report)) lines.push(...remedy(diagnosis));
  const stack = stackViews(run, 25).flatMap((view) => [
    `${printable(view.title, 200)}, innermost first`,
    ...view.rows.map(({ frame, place, guilty }) =>
      `${guilty ? '▶' : ' '} ${printable(frame.function, 120)}  ${place}`.trimEnd(),
    ),
    ...(view.more > 0 ? [`  … ${view.more} more`] : []),
    '',
  ]);
  if (stack.length > 0) {
    const open = `<details><summary>Where it stood</summary>`;
    lines.push(`${open}\n\n${markdownBlock(stack.slice(0, -1))}\n\n</details>`);
  }
  return lines.join('\n\n');
}

function guiltyLines({ guilty, holder }: Diagnosis): string[] {
  if (guilty === null) return [];
  const doubt =
    guilty.source?.exact === false
      ? ' (the packaged file differs or carries no source: the line may be off)'
      : '';
  const held =
    holder === undefined
      ? ''
      : `; the lock is held in ${markdownCode(`${holder.function} ${location(holder)}`)}`;
  return [`Guilty: ${markdownCode(guilty.function)} at ${markdownCode(location(guilty))}${doubt}${held}`];
}

/** Runs of the same cause would repeat what to change. */
function tellsCause(run: RunRecord, { runs }: Report): boolean {
  return runsByCause(runs).includes(run);
}

function remedy({ remedy: text }: Diagnosis): string[] {
  if (text === null) return [];
  return ['**What to change**', markdownBlock(text.split('\n').map((line) => printable(line, 1000)))];
}

function facts({ build, cache, archive }: Report): string {
  const rows: [string, string][] = [];
  if (build !== null) {
    rows.push(['build', `${build.builder} ${build.version}, ${build.seconds.toFixed(1)} s, ${build.lock}`]);
    rows.push(['ran on', `${build.interpreter.implementation} ${build.interpreter.version}`]);
    rows.push(['sha256', build.sha256]);
  }
  if (cache !== null) rows.push(['cache', `${cache.result} (${cache.reason})`]);
  if (archive !== null) rows.push(['archive', `${archive.path}, sha256 ${archive.sha256}`]);
  if (rows.length === 0) return '';
  return [
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${markdownText(value)} |`),
  ].join('\n');
}

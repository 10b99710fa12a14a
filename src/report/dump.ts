import { duration } from './durations.ts';
import type { Evidence, Frame, Report, RunRecord, Thread } from './model.ts';
import { clip, plural, printable, printableLines } from './text.ts';
import { byVerdict } from './worst.ts';

/** The file in `output` that the full dump is written to. */
export const DUMP_FILE = 'stacks.txt';

const LIMIT = { characters: 400_000, runs: 20, threads: 400, frames: 200, textLines: 400 };

/** Everything that was seen, as text: each tool, process, thread and frame. Bounded; empty where there is nothing. */
export function renderDump(report: Report): string {
  let text = '';
  for (const line of reportLines(report)) {
    if (text.length + line.length > LIMIT.characters) return `${text}… cut here, the report has the rest\n`;
    text += `${line}\n`;
  }
  return text;
}

function* reportLines(report: Report): Generator<string> {
  const withEvidence = report.runs.toSorted(byVerdict).filter((run) => run.evidence.length > 0);
  for (const run of withEvidence.slice(0, LIMIT.runs)) yield* runLines(run);
  const rest = withEvidence.length - LIMIT.runs;
  if (rest > 0) yield `… the stacks of ${plural(rest, 'run')} more are in the report`;
}

function* runLines(run: RunRecord): Generator<string> {
  const where = run.phase === null ? '' : ` in ${run.phase}`;
  yield `=== ${printable(run.name, 200)} (${run.layout}): ${run.verdict}${where} ===`;
  yield `    ${printable(run.reason, 1000)}`;
  yield '';
  for (const evidence of run.evidence) yield* evidenceLines(evidence);
}

function* evidenceLines(evidence: Evidence): Generator<string> {
  const who = evidence.role === 'main' ? 'main process' : 'child process';
  const when = `snapshot ${evidence.snapshot}, after ${duration(evidence.at)}`;
  yield `--- ${evidence.source}, ${who} ${evidence.pid}, ${when}: ${printable(evidence.command, 300)}`;
  if (evidence.error !== undefined) yield `    failed: ${printable(evidence.error, 1000)}`;
  for (const thread of evidence.threads.slice(0, LIMIT.threads)) yield* threadLines(thread);
  const rest = evidence.threads.length - LIMIT.threads;
  if (rest > 0) yield `  … ${plural(rest, 'thread')} more`;
  if (evidence.text !== undefined) yield* ['', ...textLines(evidence.text)];
  yield '';
}

function threadLines(thread: Thread): string[] {
  const about = [
    thread.main ? 'main' : null,
    thread.tid === null ? null : `tid ${thread.tid}`,
    thread.state === undefined ? null : printable(thread.state, 200),
    thread.guilty === true ? 'blamed' : null,
    thread.folded === undefined || thread.folded === 0
      ? null
      : `and ${thread.folded} more with the same stack`,
  ].filter((part) => part !== null);
  const frames = thread.frames.slice(0, LIMIT.frames);
  const rest = thread.frames.length - frames.length;
  return [
    `  thread ${thread.name === null ? '?' : printable(JSON.stringify(clip(thread.name, 200)))} (${about.join(', ')})`,
    ...frames.map(frameLine),
    ...(rest > 0 ? [`      … ${plural(rest, 'outer frame')} more`] : []),
  ];
}

function frameLine(frame: Frame): string {
  const place = frame.file === null ? '?' : printable(frame.file, 500);
  const line = frame.line === null || frame.line === 0 ? '' : `:${frame.line}`;
  return `      ${printable(frame.function, 300)}  ${place}${line}${frame.native === true ? '  [C]' : ''}`;
}

function textLines(text: string): string[] {
  const lines = printableLines(text);
  const shown = lines.slice(0, LIMIT.textLines).map((line) => `    | ${line}`);
  return lines.length > shown.length
    ? [...shown, `    … ${plural(lines.length - shown.length, 'line')} more`]
    : shown;
}

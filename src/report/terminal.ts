import { byWeight, doesCount } from './counting.ts';
import { duration } from './durations.ts';
import { tellingRuns } from './groups.ts';
import { location } from './location.ts';
import type { Guilty, Motion, Report, RunRecord } from './model.ts';
import { nextSteps } from './nextSteps.ts';
import { aboutRun, reasonWords, toldIn } from './reason.ts';
import { alikeWords, partBlock, soakBlocks } from './soakTerminal.ts';
import { type StackView, stackViews } from './stackView.ts';
import { type Paint, painter } from './style.ts';
import { failureSentence } from './summarise.ts';
import { clip, clipStart, plural, printable, wrap } from './text.ts';
import { timeline } from './timeline.ts';
import { seenPhases, teardownTime } from './timings.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  readonly verbose: boolean;
  /** Where the full stacks were written, if they were. */
  readonly dumpFile?: string | null;
}

/** How many runs are told in full, and how many in a line each; a soak has thousands. */
const IN_FULL = 3;
const IN_BRIEF = 12;

/** The whole report for a person at a terminal, verdict first; ends with a newline. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const paint = painter(options.color);
  const width = Math.max(40, Math.min(options.width, 120));
  const blocks = [
    headline(report, width, paint),
    partBlock(report, paint),
    ...soakBlocks(report, width, paint),
    ...runBlocks(report, width, options, paint),
    report.failure === null ? [] : failureBlock(report, report.failure, width),
    nextSteps(report, width, options.dumpFile ?? null, paint),
    facts(report, width, paint),
  ];
  const text = blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
  return `${text}\n`;
}

const SIGNS: Readonly<Record<Report['verdict'], string>> = {
  passed: '✓',
  failed: '✗',
  crashed: '✗',
  leaked: '✗',
  stalled: '✗',
  'not-started': '✗',
  'not-built': '✗',
  cancelled: '■',
};

function headline(report: Report, width: number, paint: Paint): string[] {
  const where = report.phase === null ? '' : ` in ${report.phase}`;
  const cause =
    report.cause === null || report.cause === 'unknown' ? '' : ` · ${printable(report.cause, 60)}`;
  const colour = report.verdict === 'passed' ? paint.good : paint.bad;
  const title = `${SIGNS[report.verdict]} ${report.verdict}${where}${cause}`;
  const sentence = wrap(printable(report.summary, 1000), width - 2).map((line) => `  ${line}`);
  const warnings = report.warnings.flatMap((warning) =>
    wrap(`warning: ${printable(warning, 1000)}`, width - 2).map((line) => paint.warn(`  ${line}`)),
  );
  return [colour(title), ...sentence, ...warnings];
}

function runBlocks(report: Report, width: number, options: TerminalOptions, paint: Paint): string[][] {
  const sorted = report.runs.toSorted(byWeight);
  const bad = sorted.filter((run) => run.verdict !== 'passed');
  const told = tellingRuns(report, options.verbose ? bad.length : IN_FULL);
  // What passed in a soak is told by its figures.
  const others = report.soak === null || options.verbose ? sorted : bad;
  const brief = others.filter((run) => !told.includes(run));
  return [
    ...told.map((run) => runInFull(run, report, width, options, paint)),
    briefBlock(brief, width, options, paint),
  ];
}

function runInFull(
  run: RunRecord,
  report: Report,
  width: number,
  options: TerminalOptions,
  paint: Paint,
): string[] {
  const alike = alikeWords(report, run);
  const lines = [
    runTitle(run, width, paint),
    ...(alike === null ? [] : [`    ${alike}`]),
    ...whyLines(run, report, width, paint),
    ...motionLines(run, paint),
    // What ended by itself took no time that a chart would explain.
    ...(run.verdict === 'failed' ? phaseLines(run, width, paint) : timeline(run, width, paint)),
  ];
  for (const view of stackViews(run, options.verbose ? 40 : 10))
    lines.push('', ...stackLines(view, width, paint));
  const holder = run.diagnosis?.holder;
  if (holder !== undefined)
    lines.push('', `  The lock is held in ${printable(holder.function, 80)}  ${location(holder)}`);
  for (const warning of run.warnings) lines.push(paint.warn(`  ! ${printable(warning, 300)}`));
  lines.push(...leftLines(run, width, paint));
  return lines;
}

/** The reason, and what the diagnosis says: only what the summary above hasn't said. */
function whyLines(run: RunRecord, report: Report, width: number, paint: Paint): string[] {
  const [about, reason] = [aboutRun(run), reasonWords(run)];
  const texts = toldIn(about, reason) ? [about] : [reason, about];
  return texts
    .filter((text) => !toldIn(report.summary, text))
    .flatMap((text) => wrap(printable(text, 500), width - 4))
    .map((line) => paint.dim(`    ${line}`));
}

const MOTIONS: Readonly<Record<Motion, string>> = {
  blocked: 'blocked: between two looks nothing moved and no processor was used',
  spinning: 'spinning: between two looks it used the processor, at the same place',
  progressing: 'slow: between two looks it moved on',
};

function motionLines({ diagnosis }: RunRecord, paint: Paint): string[] {
  const motion = diagnosis?.motion ?? null;
  return motion === null ? [] : [paint.dim(`    ${MOTIONS[motion]}`)];
}

function runTitle(run: RunRecord, width: number, paint: Paint): string {
  const right = `${run.verdict} after ${duration(run.duration)}`;
  const about = aboutWords(run);
  const name = clip(printable(run.name), Math.max(8, width - right.length - about.length - 4));
  const gap = Math.max(2, width - 2 - [...name].length - about.length - right.length);
  return `  ${paint.bold(name)}${paint.dim(about)}${' '.repeat(gap)}${paint.bad(right)}`;
}

function aboutWords(run: RunRecord): string {
  const from = run.from === undefined ? '' : ` from the ${run.from}`;
  return ` (${run.layout}${from}, ${run.boot}${doesCount(run) ? '' : ', beside the verdict'})`;
}

function stackLines(view: StackView, width: number, paint: Paint): string[] {
  const rows = view.rows.map(({ frame, place, guilty }) => ({
    name: clip(printable(frame.function), 36),
    place,
    guilty,
  }));
  const column = Math.max(0, ...rows.map(({ name }) => [...name].length));
  return [
    `  ${paint.bold(clip(printable(view.title), width - 20))}${paint.dim(', innermost first')}`,
    ...rows.map(({ name, place, guilty }) => {
      const room = Math.max(12, width - column - 8);
      const line = `${name.padEnd(column)}  ${clipStart(place, room)}`;
      return guilty ? paint.bad(`  ▶ ${line}`) : `    ${line}`;
    }),
    ...(view.more > 0 ? [paint.dim(`    … ${plural(view.more, 'outer frame')} more`)] : []),
  ];
}

function leftLines(run: RunRecord, width: number, paint: Paint): string[] {
  return run.left.slice(0, 8).flatMap((left) => {
    const holds =
      left.holds === undefined || left.holds.length === 0 ? '' : ` holds ${left.holds.join(' and ')}`;
    const end = left.ended ? 'ended by exitproof' : 'could not be ended';
    const text = `process ${left.pid}${holds}: ${printable(left.command, 60)} (${end})`;
    return wrap(text, width - 4).map((line, at) => paint.warn(`  ${at === 0 ? '!' : ' '} ${line}`));
  });
}

function briefBlock(
  runs: readonly RunRecord[],
  width: number,
  options: TerminalOptions,
  paint: Paint,
): string[] {
  if (runs.length === 0) return [];
  const shown = runs.slice(0, options.verbose ? runs.length : IN_BRIEF);
  const lines = shown.flatMap((run) => briefLines(run, width, paint));
  const rest = runs.slice(shown.length);
  if (rest.length > 0) lines.push(paint.dim(`  … ${plural(rest.length, 'run')} more (all in the report)`));
  return lines;
}

function briefLines(run: RunRecord, width: number, paint: Paint): string[] {
  const sign = run.verdict === 'passed' ? paint.good('✓') : paint.bad('✗');
  const teardown = teardownTime(run);
  const right = `${duration(run.duration)}${teardown === null ? '' : `, teardown ${duration(teardown)}`}`;
  const about = aboutWords(run);
  const name = clip(printable(run.name), Math.max(8, width - right.length - about.length - 6));
  const gap = Math.max(2, width - 4 - [...name].length - about.length - right.length);
  return [
    `  ${sign} ${name}${paint.dim(about)}${' '.repeat(gap)}${right}`,
    ...(run.verdict === 'passed' ? [] : endLines(run, width, paint)),
    ...phaseLines(run, width, paint),
    ...run.warnings.map((warning) => paint.warn(`    ! ${printable(warning, 300)}`)),
    ...leftLines(run, width, paint),
  ];
}

/** "stalled in atexit · atexit-handler: …", and the guilty line where it is known. */
function endLines(run: RunRecord, width: number, paint: Paint): string[] {
  const where = run.phase === null ? '' : ` in ${run.phase}`;
  const cause = run.diagnosis?.cause ?? 'unknown';
  const known = cause === 'unknown' ? '' : ` · ${printable(cause, 60)}`;
  const guilty = run.diagnosis?.guilty ?? null;
  const text = `${run.verdict}${where}${known}: ${printable(reasonWords(run), 300)}`;
  return [
    ...wrap(text, width - 4).map((line) => `    ${line}`),
    ...(guilty === null ? [] : [paint.bad(`    ▶ ${guiltyWords(guilty, width - 6)}`)]),
  ];
}

function guiltyWords(guilty: Guilty, width: number): string {
  const name = clip(printable(guilty.function), 36);
  return `${name}  ${clipStart(location(guilty), Math.max(12, width - [...name].length - 2))}`;
}

function phaseLines(run: RunRecord, width: number, paint: Paint): string[] {
  const phases = seenPhases(run).map(({ phase, milliseconds }) => `${phase} ${duration(milliseconds)}`);
  return wrapParts(phases, width - 4).map((line) => paint.dim(`    ${line}`));
}

/** Joined by dots, broken only between parts. */
function wrapParts(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= width)
      lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}

function failureBlock({ summary }: Report, failure: NonNullable<Report['failure']>, width: number): string[] {
  const [first = '', ...others] = failure.message.trim().split('\n').slice(0, 40);
  const message = failureSentence(first) === summary ? others : [first, ...others];
  const hint = failure.hint === null ? [] : wrap(printable(failure.hint, 1000), width - 2);
  const gap = message.length > 0 && hint.length > 0 ? [''] : [];
  return [...message.map((line) => printable(line, 1000)), ...gap, ...hint].map((line) =>
    line === '' ? '' : `  ${line}`,
  );
}

function facts(report: Report, width: number, paint: Paint): string[] {
  const { build, cache } = report;
  const lines: string[] = [];
  if (build !== null) {
    const { interpreter } = build;
    const python = `${interpreter.implementation} ${interpreter.version}`;
    lines.push(
      `build: ${build.builder} ${build.version}, ${build.seconds.toFixed(1)} s, ${python}, ${build.lock}`,
    );
    lines.push(`artifact: ${build.artifact}  sha256 ${build.sha256.slice(0, 16)}…`);
  }
  if (cache !== null) lines.push(`cache: ${cache.result} (${cache.reason})`);
  if (report.executable !== null) lines.push(`executable: ${report.executable}`);
  if (report.archive !== null) lines.push(`archive: ${report.archive.path}`);
  return [
    ...lines.map((line) => paint.dim(`  ${clip(printable(line), Math.max(width - 2, 200))}`)),
    ...report.notices.map((notice) => paint.warn(`  note: ${printable(notice, 500)}`)),
  ];
}

import { resolve } from 'node:path';
import { ownVersion } from '../assets.ts';
import { shownPath } from '../job/paths.ts';
import { problem } from '../problem.ts';
import { type Report, type ReportPart, VERDICTS } from '../report/model.ts';
import { summarise } from '../report/summarise.ts';
import { openTally } from '../soak/tally.ts';
import { misfits } from './belong.ts';
import { type FoundReport, findReports } from './findReports.ts';

export interface MergeOrder {
  /** Files, folders and patterns. */
  readonly reports: readonly string[];
  /** How many there must be; null where any number is right. */
  readonly expect: number | null;
  readonly cwd: string;
}

/**
 * One report of many.
 *
 * @throws a `settings` problem with a sentence for each report that is missing, damaged or of something else
 */
export async function merge({ reports, expect, cwd }: MergeOrder): Promise<Report> {
  const found = await findReports(reports, cwd);
  const faults = misfits(found, expect);
  if (faults.length > 0) throw problem('settings', [...repeated(reports, cwd), ...faults].join('\n'));
  return joined(found);
}

/** No fault by itself, but likely the reason of one: another report was meant. */
function repeated(reports: readonly string[], cwd: string): readonly string[] {
  const paths = reports.map((report) => resolve(cwd, report));
  const again = paths.filter((path, at) => paths.indexOf(path) !== at);
  return distinct(again).map(
    (path) => `${shownPath(path, cwd)}: it is given more than once, and counts once.`,
  );
}

/** A job without a build tells less than one whose program failed to start. */
const WORST_FIRST = [
  'cancelled',
  'not-built',
  ...VERDICTS.filter((verdict) => verdict !== 'cancelled'),
] as const;

/** Reports that belong together as one; at least one is needed. */
function joined(found: readonly FoundReport[]): Report {
  const [worst] = found.toSorted((a, b) => rank(a.report) - rank(b.report));
  if (worst === undefined) throw new Error('no report to merge');
  const reports = found.map(({ report }) => report);
  const starts = reports.map(({ started }) => Date.parse(started));
  const ends = reports.map(({ started, duration }) => Date.parse(started) + duration);
  const { verdict, phase, cause, build, failure } = worst.report;
  const parts: Omit<Report, 'summary'> = {
    schema: 'exitproof.report/1',
    exitproof: ownVersion(),
    verdict,
    phase,
    cause,
    commit: reports.find(({ commit }) => commit !== null)?.commit ?? null,
    started: new Date(Math.min(...starts)).toISOString(),
    duration: Math.max(...ends) - Math.min(...starts),
    build,
    // What lies on other machines.
    cache: null,
    executable: null,
    layout: null,
    archive: null,
    ...runsOf(reports),
    shard: null,
    platform: distinct(reports.map(({ platform }) => platform)).join('; '),
    parts: found.flatMap(partsOf),
    warnings: distinct(reports.flatMap(({ warnings }) => warnings)),
    notices: distinct(reports.flatMap(({ notices }) => notices)),
    failure,
  };
  return { ...parts, summary: summarise(parts) };
}

function rank({ verdict }: Report): number {
  return WORST_FIRST.indexOf(verdict);
}

function runsOf(reports: readonly Report[]): Pick<Report, 'runs' | 'soak'> {
  if (reports.every(({ soak }) => soak === null)) {
    return { runs: reports.flatMap(({ runs }) => runs), soak: null };
  }
  const tally = openTally();
  for (const { soak, runs, build } of reports) {
    const ofLayouts = runs.filter(({ from }) => from === undefined);
    if (soak !== null) tally.join(soak, runs);
    else for (const run of ofLayouts) tally.add(run, build?.interpreter.version ?? null);
  }
  const { runs, soak } = tally.read();
  // At the end: the soak names its examples by their place.
  const proofs = reports.flatMap((report) => report.runs.filter(({ from }) => from !== undefined));
  return { runs: [...runs, ...proofs], soak };
}

function partsOf({ file, report }: FoundReport): readonly ReportPart[] {
  const { parts, verdict, build, platform, shard, runs, soak } = report;
  if (parts.length > 0) return parts;
  return [
    {
      file,
      verdict,
      python: build?.interpreter.version ?? null,
      platform,
      shard,
      runs: soak?.runs ?? runs.length,
      stalls: soak?.stalls ?? runs.filter((run) => run.verdict === 'stalled').length,
    },
  ];
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

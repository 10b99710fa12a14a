import type { Report } from './model.ts';
import { addTimes, type Tallied, timesOf } from './times.ts';
import { percentile, teardownTime } from './timings.ts';

/** The action's outputs; what there is none of is an empty string, as GitHub has it for an unset one. */
export function outputs(report: Report, reportPath: string): Record<string, string> {
  const p95 = teardownP95(report);
  return {
    verdict: report.verdict,
    phase: report.phase ?? '',
    cause: report.cause ?? '',
    summary: report.summary,
    executable: report.executable ?? '',
    layout: report.layout ?? '',
    archive: report.archive?.path ?? '',
    report: reportPath,
    sha256: report.build?.sha256 ?? '',
    version: report.build?.version ?? '',
    python: report.build?.interpreter.version ?? '',
    'cache-result': report.cache?.result ?? '',
    'cache-reason': report.cache?.reason ?? '',
    'cache-key': report.cache?.key ?? '',
    runs: String(report.soak?.runs ?? report.runs.length),
    stalls: String(report.soak?.stalls ?? report.runs.filter(({ verdict }) => verdict === 'stalled').length),
    'teardown-p95-ms': p95 === null ? '' : String(Math.round(p95)),
  };
}

function teardownP95({ soak, runs }: Report): number | null {
  if (soak === null) {
    return percentile(
      runs.flatMap((run) => teardownTime(run) ?? []),
      95,
    );
  }
  const all: Tallied = new Map();
  for (const { teardown } of soak.series) if (teardown !== null) addTimes(all, teardown);
  return timesOf(all)?.p95 ?? null;
}

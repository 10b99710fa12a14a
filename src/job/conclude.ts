import { doesCount } from '../report/counting.ts';
import type { Report, Verdict } from '../report/model.ts';
import { summarise } from '../report/summarise.ts';
import { worstRun } from '../report/worst.ts';
import { blankReport, type Job } from './job.ts';

export type Findings = Partial<
  Pick<
    Report,
    | 'commit'
    | 'build'
    | 'cache'
    | 'executable'
    | 'layout'
    | 'archive'
    | 'runs'
    | 'soak'
    | 'warnings'
    | 'failure'
  >
>;

/** The verdict of the whole is that of the worst run that counts; `verdict` is for a job that got no run to its end. */
export function conclude(job: Job, findings: Findings, verdict?: Verdict | 'not-built'): Report {
  const worst = worstRun((findings.runs ?? []).filter(doesCount));
  const parts = {
    ...blankReport(job),
    ...findings,
    verdict: verdict ?? worst?.verdict ?? 'cancelled',
    phase: worst?.phase ?? null,
    cause: worst?.diagnosis?.cause ?? null,
  };
  return { ...parts, summary: summarise(parts) };
}

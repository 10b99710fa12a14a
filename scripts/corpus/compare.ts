import type { Diagnosis, Evidence, Frame, RunRecord } from '../../src/report/model.ts';
import { canBeNamed, type Facts, type Methods } from './expectation.ts';

/** What a case is judged by, each with its own percentage. */
export const ASPECTS = [
  'verdict',
  'phase',
  'evidence',
  'holder',
  'guilty',
  'cause',
  'timing',
  'clean',
] as const;
export type Aspect = (typeof ASPECTS)[number];

/** An aspect without a finding does not apply to the case. `miss` is null where it is right, else says why not. */
export interface Finding {
  readonly aspect: Aspect;
  readonly miss: string | null;
}

export interface Observation {
  /** Null where no report was written. */
  readonly run: RunRecord | null;
  /** The CLI itself ended within its limits. */
  readonly ended: boolean;
  /** Command lines of processes that outlived the CLI. */
  readonly left: readonly string[];
  /** What the CLI said, where it wrote no report. */
  readonly complaint: string;
}

export interface Circumstances {
  /** X.Y */
  readonly version: string;
  /** Without the probe the phase may be unknown, but not wrong. */
  readonly phaseMayBeUnknown: boolean;
  readonly methods: Methods;
}

export function compare(facts: Facts, seen: Observation, where: Circumstances): readonly Finding[] {
  const clean = finding('clean', cleanliness(seen));
  const { run } = seen;
  if (run === null) return [finding('verdict', `no report: ${seen.complaint}`), clean];
  const verdict = finding('verdict', verdictMiss(facts, run));
  const findings = [verdict, clean];
  if (facts.phase !== undefined) findings.push(finding('phase', phaseMiss(facts, run, where)));
  if (facts.slow_phase !== undefined) findings.push(finding('timing', timingMiss(facts, run, where)));
  if (facts.verdict !== 'stalled' && facts.verdict !== 'leaked') return findings;
  if (canBeNamed(facts, where.version, where.methods)) findings.push(...evidenceFindings(facts, run, where));
  return findings;
}

function evidenceFindings(facts: Facts, run: RunRecord, where: Circumstances): readonly Finding[] {
  const findings = [finding('evidence', evidenceMiss(facts, run.evidence))];
  const others = [facts.holder_function, facts.main_function].filter((name) => name !== undefined);
  if (others.length > 0) {
    const missing = others.filter((name) => !anyFrame(run.evidence, (frame) => frame.function === name));
    findings.push(
      finding('holder', missing.length === 0 ? null : `not in the evidence: ${missing.join(', ')}`),
    );
  }
  if (facts.guilty_file === 'main.py') findings.push(finding('guilty', guiltyMiss(facts, run.diagnosis)));
  // A cause is one of a phase.
  const canHaveCause = run.phase !== null || !where.phaseMayBeUnknown;
  if (facts.slugs !== undefined && canHaveCause)
    findings.push(finding('cause', causeMiss(facts.slugs, run.diagnosis) ?? adviceMiss(run)));
  return findings;
}

function finding(aspect: Aspect, miss: string | null): Finding {
  return { aspect, miss };
}

function cleanliness(seen: Observation): string | null {
  if (!seen.ended) return 'exitproof itself did not end';
  return seen.left.length === 0 ? null : `left running: ${seen.left.join('; ')}`;
}

function verdictMiss(facts: Facts, run: RunRecord): string | null {
  if (run.verdict !== facts.verdict) return `${facts.verdict} expected, got ${run.verdict} (${run.reason})`;
  if (facts.verdict === 'failed' && facts.exit_code !== undefined && run.exitCode !== facts.exit_code) {
    return `exit code ${facts.exit_code} expected, got ${run.exitCode}`;
  }
  if (facts.verdict === 'crashed' && facts.signal && run.signal !== facts.signal) {
    return `${facts.signal} expected, got ${run.signal}`;
  }
  return null;
}

function phaseMiss(facts: Facts, run: RunRecord, where: Circumstances): string | null {
  const right = [facts.phase, ...(facts.also_accept_phases ?? [])];
  if (run.phase === null && where.phaseMayBeUnknown) return null;
  if (run.phase !== null && right.includes(run.phase)) return null;
  return `${right.join(' or ')} expected, got ${run.phase} (observer ${run.observer})`;
}

/** CPython issue 96387: on these no Python of the probe may run late enough to tell native-exit from finalization. */
const WITHOUT_LATE_MARK: ReadonlySet<string> = new Set(['3.9']);

/** Milliseconds. A sampler doesn't look before, so that it sees no teardown that began in them from its begin. */
const BEFORE_SAMPLES = 1000;

function timingMiss(facts: Facts, run: RunRecord, where: Circumstances): string | null {
  const { version, phaseMayBeUnknown } = where;
  if (phaseMayBeUnknown && run.observer === 'none') return null;
  const together = facts.slow_phase === 'native-exit' && WITHOUT_LATE_MARK.has(version);
  const phases = together ? ['finalization', 'native-exit'] : [facts.slow_phase];
  const timing = Object.entries(run.timings).reduce(
    (sum, [phase, time]) => (phases.includes(phase) ? sum + time : sum),
    0,
  );
  const unseen = run.observer === 'sampler' ? BEFORE_SAMPLES : 0;
  const least = (facts.duration_s ?? 0) * 1000 * 0.9 - unseen;
  return timing >= least ? null : `${phases.join(' and ')} took ${timing} ms, at least ${least} expected`;
}

function evidenceMiss(facts: Facts, evidence: readonly Evidence[]): string | null {
  const needle = needleOf(facts);
  const pool =
    facts.guilty_process === 'child' ? evidence.filter((one) => one.role === 'descendant') : evidence;
  if (anyFrame(pool, (frame) => needle(frame.function))) return null;
  const tools = pool.map((one) => (one.error === undefined ? one.source : `${one.source}: ${one.error}`));
  return `${facts.guilty_function} is not in the evidence (${tools.join('; ') || 'none was collected'})`;
}

function guiltyMiss(facts: Facts, diagnosis: Diagnosis | null): string | null {
  const got = diagnosis?.guilty ?? null;
  if (got !== null && guiltyNames(facts).includes(got.function)) return null;
  return `${guiltyNames(facts).join(' or ')} expected, got ${got === null ? 'none' : got.function}`;
}

function causeMiss(slugs: readonly string[], diagnosis: Diagnosis | null): string | null {
  const got = diagnosis?.cause ?? 'none';
  return slugs.includes(got) ? null : `${slugs.join(' or ')} expected, got ${got}`;
}

/** A stall is told in a sentence, and with something to do about it, even where its cause is unknown. */
function adviceMiss({ verdict, diagnosis }: RunRecord): string | null {
  if (verdict !== 'stalled' && verdict !== 'leaked') return null;
  if (diagnosis === null || diagnosis.summary === '') return 'no summary';
  return diagnosis.remedy === null ? 'no remedy' : null;
}

function guiltyNames(facts: Facts): readonly string[] {
  return [
    ...(facts.guilty_function === undefined ? [] : [facts.guilty_function]),
    ...(facts.also_accept_guilty ?? []),
  ];
}

function needleOf(facts: Facts): (name: string) => boolean {
  const needle = facts.stack_needle;
  if (needle === undefined) return (name) => guiltyNames(facts).includes(name);
  if (!needle.startsWith('re:')) return (name) => name.includes(needle);
  const pattern = new RegExp(needle.slice('re:'.length));
  return (name) => pattern.test(name);
}

function anyFrame(evidence: readonly Evidence[], test: (frame: Frame) => boolean): boolean {
  return evidence.some((one) => one.threads.some((thread) => thread.frames.some(test)));
}

import { maskSecrets } from '../evidence/mask.ts';
import type { Phase, Verdict } from '../report/model.ts';
import { printable } from '../report/text.ts';
import type { Holder } from './holders.ts';
import type { Deadlines, WatchRequest } from './request.ts';
import type { DeadlineName, Ending } from './walk.ts';

/** How a run ended, as facts. The verdict and every word about it are derived here and nowhere else. */
export type Outcome =
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'cancelled'; readonly by: string; readonly phase: Phase | null }
  | { readonly kind: 'stalled'; readonly deadline: DeadlineName; readonly phase: Phase | null }
  | { readonly kind: 'leaked'; readonly holders: readonly Holder[] }
  | {
      readonly kind: 'exited';
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** Where it was when it ended. */
      readonly phase: Phase | null;
      /** Where a sample saw it, some time before. */
      readonly lastSeen: Phase | null;
      /** Whether any Python ran. */
      readonly python: boolean;
      /** The part of stdout that an expectation is held against. */
      readonly output: string;
    };

export interface Judgement {
  readonly verdict: Verdict;
  readonly phase: Phase | null;
  readonly reason: string;
}

export function outcomeOf(
  ending: Ending,
  facts: {
    readonly cancelledBy: string;
    readonly holders: readonly Holder[];
    readonly exited: Omit<Extract<Outcome, { kind: 'exited' }>, 'kind'>;
  },
): Outcome {
  switch (ending.kind) {
    case 'exited':
      return { kind: 'exited', ...facts.exited };
    case 'stalled':
      return { kind: 'stalled', deadline: ending.deadline, phase: ending.phase };
    case 'leaked':
      return { kind: 'leaked', holders: facts.holders };
    case 'cancelled':
      return { kind: 'cancelled', by: facts.cancelledBy, phase: ending.phase };
  }
}

export function judge(
  outcome: Outcome,
  { expect, deadlines, secrets }: Pick<WatchRequest, 'expect' | 'deadlines' | 'secrets'>,
): Judgement {
  switch (outcome.kind) {
    case 'not-started':
      return { verdict: 'not-started', phase: null, reason: `not started: ${outcome.why}` };
    case 'cancelled':
      return {
        verdict: 'cancelled',
        phase: outcome.phase,
        reason: `cancelled by ${outcome.by}${outcome.phase === null ? '' : ` in ${outcome.phase}`}`,
      };
    case 'stalled':
      return { verdict: 'stalled', phase: outcome.phase, reason: stallWords(outcome, deadlines) };
    case 'leaked':
      return {
        verdict: 'leaked',
        phase: 'descendants',
        reason: leakWords(outcome.holders, deadlines),
      };
    case 'exited':
      return judgeExit(outcome, expect, secrets);
  }
}

function judgeExit(
  outcome: Extract<Outcome, { kind: 'exited' }>,
  expect: WatchRequest['expect'],
  secrets: readonly string[],
): Judgement {
  const { exitCode, signal, phase, lastSeen } = outcome;
  if (signal !== null) {
    const seen = lastSeen === null ? '' : `; it was last seen in ${lastSeen}`;
    const where = phase === null ? seen : ` in ${phase}`;
    return { verdict: 'crashed', phase, reason: `crashed: ended by ${signal}${where}` };
  }
  if (exitCode !== expect.exitCode) {
    const unstarted = outcome.python ? undefined : NOT_STARTED[exitCode ?? 0];
    if (unstarted !== undefined) {
      return {
        verdict: 'not-started',
        phase: null,
        reason: `not started: exit code ${exitCode}, ${unstarted}`,
      };
    }
    return {
      verdict: 'failed',
      phase: null,
      reason: `failed: exit code ${exitCode}, expected ${expect.exitCode}`,
    };
  }
  // A copy: one with the flag `g` remembers where it stood.
  if (expect.output !== null && !new RegExp(expect.output).test(outcome.output)) {
    const got = gotWords(outcome.output, secrets);
    return {
      verdict: 'failed',
      phase: null,
      reason: `failed: its output doesn't match ${expect.output}: ${got}`,
    };
  }
  return { verdict: 'passed', phase: null, reason: `passed: exit code ${exitCode}` };
}

const SHOWN = 120;

function gotWords(output: string, secrets: readonly string[]): string {
  const last = maskSecrets(output, secrets).trimEnd().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? 'it printed nothing to stdout' : `its last line is “${printable(last, SHOWN)}”`;
}

/** What shells and `env` answer when there is nothing that they could run. */
const NOT_STARTED: Readonly<Record<number, string | undefined>> = {
  126: 'found, but it could not be run',
  127: 'command or interpreter not found',
};

function stallWords(
  { deadline, phase }: Extract<Outcome, { kind: 'stalled' }>,
  deadlines: Deadlines,
): string {
  const limit = seconds(deadlines[deadline]);
  const where = phase === null ? 'its phase is unknown' : `it is in ${phase}`;
  switch (deadline) {
    case 'startup':
      return `stalled: its startup took longer than ${limit}`;
    case 'teardown':
      return `stalled: its teardown took longer than ${limit}; ${where}`;
    default:
      return `stalled: still running after ${limit}; ${where}`;
  }
}

function leakWords(holders: readonly Holder[], deadlines: Deadlines): string {
  const after = `${seconds(deadlines.drain)} after its end`;
  const [first] = holders;
  if (first === undefined) {
    return `leaked: its output is still held ${after}, by a holder that is not visible (another container?)`;
  }
  const more = holders.length > 1 ? ` and ${holders.length - 1} more` : '';
  const what = first.holds.join(' and ');
  return `leaked: ${what} still held ${after} by process ${first.stat.pid} (${first.command})${more}`;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

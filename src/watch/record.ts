import { constants } from 'node:os';
import type { Mark } from '../evidence/marks.ts';
import { maskSecrets } from '../evidence/mask.ts';
import type { LeftProcess, Observer, Phase, RunRecord } from '../report/model.ts';
import { type Crash, crashOf } from './crash.ts';
import type { Holder } from './holders.ts';
import { phaseAtExit } from './phases.ts';
import type { WatchedRun, WatchRequest } from './request.ts';
import type { Run } from './run.ts';
import type { Ended } from './terminate.ts';
import { judge, outcomeOf } from './verdict.ts';
import { current, type Ending, isTeardown, type Seen, type Walk } from './walk.ts';

/** Less than this between exit and end of output is the kernel's own tidying. */
const NOTICEABLE = 1;

export function recordOf(run: Run, ending: Ending, ended: readonly Ended[]): WatchedRun {
  const { request, observation, found, output } = run;
  const masked = <T extends { readonly command: string }>(process: T): T => ({
    ...process,
    command: maskSecrets(process.command, request.secrets),
  });
  const walk = observation.walk();
  const exit = observation.exit();
  const crash = crashOfEnding(run, ending);
  if (crash !== null) found.evidence.push(crash.evidence);
  const outcome = outcomeOf(refined(ending, found.latePhase), {
    cancelledBy: String(request.cancel.reason ?? 'cancel'),
    holders: found.holders.map(masked),
    exited: {
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
      ...placesOf(walk, crash),
      python: walk.startedAt !== null || found.sampled,
      output: output.searched(),
    },
  });
  const exited = ending.kind === 'exited' || ending.kind === 'leaked';
  const end = ending.kind === 'exited' ? Math.max(ending.at, found.lastEofAt ?? 0) : ending.at;
  return {
    name: request.name,
    argv: request.argv,
    layout: request.layout,
    ...judge(outcome, request),
    // What ended it after a stall or a cancel was us.
    exitCode: exited ? (exit?.code ?? null) : null,
    signal: exited ? (exit?.signal ?? null) : null,
    pid: run.pid,
    timings: timingsOf(walk, end),
    duration: rounded(end - walk.spawnedAt),
    boot: request.boot,
    observer: observerOf(run, walk, ending, crash),
    warnings: [...found.warnings, ...budgetWarning(walk, request)],
    left: leftOf(ending, found.holders, ended).map(masked),
    output: output.kept(),
    evidence: found.evidence,
    motion: found.motion,
    awaited: awaitedBy(walk.subject, observation.marks()),
    python: pythonOf(walk.subject, observation.marks()),
  };
}

/** Marks in their order are sure. What a crash says of itself is of that moment; a sample is of one before. */
function placesOf(walk: Walk, crash: Crash | null): { phase: Phase | null; lastSeen: Phase | null } {
  const { basis, phase } = current(walk);
  const told = crash === null || crash.phase === 'unknown' || basis === 'firm' ? null : crash.phase;
  return { phase: told ?? phaseAtExit(walk), lastSeen: basis === 'sampled' ? phase : null };
}

function crashOfEnding(run: Run, ending: Ending): Crash | null {
  const exit = run.observation.exit();
  const signal = exit?.signal ?? signalOfCode(exit?.code ?? 0);
  if (ending.kind !== 'exited' || signal === null) return null;
  // Also where a launcher ended itself by the same signal, as `timeout` does.
  const { subject } = run.observation.walk();
  return crashOf(run, { pid: subject, signal, at: rounded(ending.at - run.spawnedAt) });
}

/** Shells say so of what they have waited for. */
function signalOfCode(code: number): string | null {
  const found = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return found?.[0] ?? null;
}

/** What exec started says `start` again under the same pid: the threads of before are gone. */
function awaitedBy(subject: number, marks: readonly Mark[]): WatchedRun['awaited'] {
  const last = marks.findLast(
    ({ pid, name, awaited }) => pid === subject && (name === 'start' || awaited !== undefined),
  );
  return last?.awaited ?? null;
}

function pythonOf(subject: number, marks: readonly Mark[]): WatchedRun['python'] {
  return marks.findLast(({ pid, name }) => pid === subject && name === 'start')?.python ?? null;
}

function refined(ending: Ending, late: Seen): Ending {
  return ending.kind === 'stalled' && late !== 'unknown' ? { ...ending, phase: late } : ending;
}

/** Of a run of which no process was ever there. */
export function unstartedRecord(request: WatchRequest, outcome: Parameters<typeof judge>[0]): WatchedRun {
  return {
    name: request.name,
    argv: request.argv,
    layout: request.layout,
    ...judge(outcome, request),
    exitCode: null,
    signal: null,
    pid: null,
    timings: {},
    duration: 0,
    boot: request.boot,
    observer: 'none',
    warnings: [],
    left: [],
    output: { head: '', tail: '', bytes: { stdout: 0, stderr: 0 } },
    evidence: [],
    motion: null,
    awaited: null,
    python: null,
  };
}

function timingsOf(walk: Walk, end: number): RunRecord['timings'] {
  const timings: Partial<Record<Phase, number>> = {};
  const last = walk.exitAt ?? end;
  const told = walk.startedAt !== null || walk.steps.some(({ basis }) => basis !== 'assumed');
  for (const [index, { phase, at }] of told ? walk.steps.entries() : []) {
    const until = walk.steps[index + 1]?.at ?? last;
    const known = timings[phase] ?? 0;
    if (until > at) timings[phase] = rounded(known + until - at);
  }
  if (walk.exitAt !== null && end - walk.exitAt > NOTICEABLE) {
    timings.descendants = rounded(end - walk.exitAt);
  }
  return timings;
}

/** Which one told the phase that the run ended in. Marks can be lost, and what they say can be refuted. */
function observerOf({ request, found }: Run, walk: Walk, ending: Ending, crash: Crash | null): Observer {
  const { phase, basis } = current(walk);
  const ended = ending.kind === 'stalled' || ending.kind === 'cancelled' ? ending.phase : phase;
  const isMarked = basis === 'firm' && ended === phase;
  const reported = crash !== null && !crash.probed && crash.phase !== 'unknown';
  const sampled = reported || found.sampled || walk.steps.some((step) => step.basis === 'sampled');
  if (isMarked || (walk.startedAt !== null && !(sampled && ended !== null && isTeardown(ended))))
    return 'probe';
  return sampled && request.observer !== 'none' ? 'sampler' : 'none';
}

function budgetWarning(walk: Walk, { teardownBudget }: WatchRequest): string[] {
  const began = walk.steps.find(({ phase }) => isTeardown(phase))?.at;
  if (teardownBudget === null || began === undefined || walk.exitAt === null) return [];
  const took = walk.exitAt - began;
  return took > teardownBudget
    ? [`its teardown took ${Math.round(took)} ms, over its budget of ${teardownBudget} ms`]
    : [];
}

/** A leak's holders; what was detached and had to be ended; and, of a run that we ended, what would not go. */
function leftOf(ending: Ending, holders: readonly Holder[], ended: readonly Ended[]): LeftProcess[] {
  const held = (ending.kind === 'exited' ? [] : holders).map(({ stat, command, holds }) => ({
    pid: stat.pid,
    command,
    ended: ended.some((process) => process.pid === stat.pid && process.ended),
    holds,
  }));
  const isHolder = ({ pid }: Ended) => held.some((holder) => holder.pid === pid);
  const ours = ending.kind === 'stalled' || ending.kind === 'cancelled';
  const others = ended.filter((process) => !isHolder(process) && !(ours && process.ended));
  return [...held, ...others];
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

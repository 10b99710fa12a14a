import type { MarkName } from '../evidence/marks.ts';
import type { Sight } from '../evidence/phaseOfEvidence.ts';
import type { Phase } from '../report/model.ts';
import { deadlineOf, withSpan } from './deadlines.ts';
import {
  type Basis,
  current,
  type Due,
  isTeardown,
  order,
  type PhaseEvent,
  type Seen,
  type Step,
  type Walk,
} from './walk.ts';

/** A later tick than this means that exitproof itself was held up: then nobody is judged by it. */
export const LATE = 500;
const SAMPLES_APART = 200;

export function spawned(plan: Pick<Walk, 'deadlines' | 'boot'>, pid: number, t: number): Walk {
  return {
    deadlines: plan.deadlines,
    boot: plan.boot,
    spawnedAt: t,
    subject: pid,
    startedAt: null,
    steps: [{ phase: 'startup', at: t, basis: 'assumed' }],
    hint: null,
    frozen: [],
    exitAt: null,
    open: ['stdout', 'stderr'],
    due: null,
    ending: null,
  };
}

export function advance(walk: Walk, event: PhaseEvent): Walk {
  if (walk.ending !== null) return walk;
  switch (event.kind) {
    case 'subject':
      return event.pid === walk.subject ? walk : restarted({ ...walk, subject: event.pid, startedAt: null });
    case 'mark':
      return event.pid === walk.subject && walk.exitAt === null ? marked(walk, event.name, event.t) : walk;
    case 'sample':
      return walk.exitAt === null ? sampled(walk, event.phase, event.t) : walk;
    case 'exit':
      return finished({ ...walk, exitAt: walk.exitAt ?? event.t, due: null });
    case 'eof':
      return finished({ ...walk, open: walk.open.filter((stream) => stream !== event.stream) });
    case 'tick':
      return ticked(walk, event.t, event.late);
    case 'held':
      return { ...walk, frozen: withSpan(walk.frozen, { from: event.from, to: event.t }) };
    case 'snapshots':
      return walk.due === null ? walk : judged(walk, walk.due, event.phases);
    case 'leaked':
      return walk.exitAt === null ? walk : { ...walk, ending: { kind: 'leaked', at: event.t }, due: null };
    case 'cancel':
      return walk.due === null ? { ...walk, due: { name: 'cancel', at: event.t } } : walk;
  }
}

/** The phase that can be vouched for; null where nothing told it. */
export function knownPhase(walk: Walk): Phase | null {
  if (walk.exitAt !== null && walk.open.length > 0) return 'descendants';
  const step = current(walk);
  if (step.basis === 'firm' || step.basis === 'sampled') return step.phase;
  // By definition the packager's boot ends at the last start, where nothing has told otherwise.
  return step.basis === 'assumed' && walk.startedAt !== null ? 'run' : null;
}

/** Where the process was when it ended by itself: only marks tell that. A sample is of a moment before. */
export function phaseAtExit(walk: Walk): Phase | null {
  const { basis, phase } = current(walk);
  if (basis === 'firm') return phase;
  const isRun = basis === 'assumed' || phase === 'run';
  return walk.startedAt !== null && isRun ? 'run' : null;
}

function restarted(walk: Walk): Walk {
  return {
    ...walk,
    steps: [{ phase: 'startup', at: walk.spawnedAt, basis: 'assumed' }],
    hint: null,
    // Its deadline was that of another program.
    due: walk.due?.name === 'cancel' ? walk.due : null,
  };
}

function marked(walk: Walk, name: MarkName, t: number): Walk {
  if (name === 'start') {
    const fresh: Walk = { ...restarted(walk), startedAt: t };
    // A cold boot unpacks after its start: there only a sample, or the teardown, tells that it is over.
    return walk.boot === 'cold' ? fresh : enter(fresh, { phase: 'run', at: t, basis: 'assumed' });
  }
  const phase: Phase = name === 'interp-clear' ? 'native-exit' : name;
  const sure = {
    ...walk,
    steps: without(walk.steps, (step) => step.basis !== 'firm' && isTeardown(step.phase)),
  };
  if (isFirm(sure, phase)) {
    return order(phase) > order(current(sure).phase) ? enter(sure, { phase, at: t, basis: 'firm' }) : walk;
  }
  return order(phase) > order(current(walk).phase) ? enter(walk, { phase, at: t, basis: 'tentative' }) : walk;
}

/** Exit handlers can be run early, by hand; only what follows the begin of a real teardown is certain. */
function isFirm(walk: Walk, phase: Phase): boolean {
  if (phase === 'threading-shutdown' || phase === 'atexit') return true;
  return order(current(walk).phase) >= order('atexit');
}

function sampled(walk: Walk, phase: Seen, t: number): Walk {
  const { basis, phase: believed } = current(walk);
  if (phase === 'unknown' || basis === 'firm') return walk;
  if (phase === 'run' && believed === 'startup') return enter(walk, { phase, at: t, basis: 'sampled' });
  const forward = order(phase) > order(believed);
  const refuted = basis === 'tentative' && phase === 'run';
  if (!forward && !refuted) return { ...walk, hint: null };
  if (walk.hint?.phase !== phase) return { ...walk, hint: { phase, at: t } };
  if (t - walk.hint.at < SAMPLES_APART) return walk;
  return refuted ? backToRun(walk, t, 'sampled') : enter(walk, { phase, at: walk.hint.at, basis: 'sampled' });
}

function enter(walk: Walk, step: Step): Walk {
  const [first, ...rest] = walk.steps;
  const seenRun = walk.steps.some(({ phase }) => phase === 'run');
  const run: Step[] =
    isTeardown(step.phase) && !seenRun
      ? [{ phase: 'run', at: walk.startedAt ?? walk.spawnedAt, basis: 'assumed' }]
      : [];
  return { ...walk, steps: [first, ...rest, ...run, step], hint: null };
}

function backToRun(walk: Walk, t: number, basis: Basis): Walk {
  const at = walk.steps.find(({ phase }) => phase === 'run')?.at ?? t;
  const steps = without(walk.steps, ({ phase }) => order(phase) >= order('run'));
  return enter({ ...walk, steps, due: null }, { phase: 'run', at, basis });
}

function without([first, ...rest]: Walk['steps'], drop: (step: Step) => boolean): Walk['steps'] {
  return [first, ...rest.filter((step) => !drop(step))];
}

function finished(walk: Walk): Walk {
  if (walk.exitAt === null || walk.open.length > 0) return walk;
  return { ...walk, ending: { kind: 'exited', at: walk.exitAt }, due: null };
}

function ticked(walk: Walk, t: number, late: number): Walk {
  if (walk.due !== null) return walk;
  if (late > LATE) return { ...walk, frozen: withSpan(walk.frozen, { from: t - late, to: t }) };
  const deadline = deadlineOf(walk);
  return deadline !== null && t >= deadline.at ? { ...walk, due: deadline } : walk;
}

/** A deadline ends the run only where the snapshots leave it in the phase whose deadline it is. */
function judged(walk: Walk, due: Due, phases: readonly Seen[]): Walk {
  const phase = settled(walk, phases);
  if (due.name === 'cancel') {
    return { ...walk, due: null, ending: { kind: 'cancelled', at: due.at, phase } };
  }
  if (due.name === 'drain') return walk;
  if (due.name === 'startup' && phase !== 'startup') {
    return { ...enter(walk, { phase: 'run', at: walk.startedAt ?? due.at, basis: 'assumed' }), due: null };
  }
  const { basis, phase: believed } = current(walk);
  // It went on while it was looked at: late, but under way to its end.
  if (due.name === 'run' && basis === 'firm' && isTeardown(believed)) return { ...walk, due: null };
  if (due.name === 'teardown' && (phase === null || !isTeardown(phase))) {
    return backToRun(walk, due.at, phase === null ? 'tentative' : 'sampled');
  }
  return { ...walk, due: null, ending: { kind: 'stalled', at: due.at, deadline: due.name, phase } };
}

/** Python frames alone don't lead back behind a firm mark: they may be those of a subinterpreter that ends. */
export function credible(walk: Walk, { phase, native }: Sight): Seen {
  const { basis, phase: believed } = current(walk);
  const isBehind = phase !== 'unknown' && order(phase) < order(believed);
  return basis === 'firm' && isBehind && !native ? 'unknown' : phase;
}

function settled(walk: Walk, phases: readonly Seen[]): Phase | null {
  const believed = knownPhase(walk);
  const seen = phases.filter((phase) => phase !== 'unknown');
  const last = seen.at(-1);
  if (last === undefined) return believed;
  if (current(walk).basis !== 'firm') return last;
  const agree = seen.length > 1 && seen.every((phase) => phase === last);
  return agree ? last : believed;
}

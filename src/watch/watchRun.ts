import type { Target } from '../evidence/target.ts';
import { now } from './clock.ts';
import { deadlineOf } from './deadlines.ts';
import { faceDeadline, faceDrain, lookForHolders } from './face.ts';
import { recordOf, unstartedRecord } from './record.ts';
import type { WatchedRun, WatchRequest } from './request.ts';
import { begin, type Run } from './run.ts';
import { nextSample, sample } from './sampler.ts';
import type { SessionParts } from './sessionParts.ts';
import { hurried } from './snapshots.ts';
import { refusal } from './spawn.ts';
import { type Ended, endFamily } from './terminate.ts';
import { admit, living } from './tree.ts';
import type { Ending } from './walk.ts';

/** How often marks are read and the clock is looked at; a short run ends before the first time. */
const POLL = 100;
/** Lineage is lost when a parent ends: early looks are close together, later ones a second apart. */
const FIRST_TREE_LOOK = 100;
const TREE_LOOK = 1000;
const FIRST_HOLDER_LOOK = 250;
/** Helpers of a program that has just ended (multiprocessing's tracker) end by themselves within this. */
const PARTING = 300;
/** What a cancel leaves for looking and for the grace together, of the 7 s in which all must be over. */
const CANCEL_TIME = 3000;
const LEAST_GRACE = 1000;
const SAMPLE_PATIENCE = 5000;
const REAP_PATIENCE = 500;

/** One run, from its spawn to the last of its processes. */
export async function watchRun(session: SessionParts, request: WatchRequest): Promise<WatchedRun> {
  if (request.cancel.aborted) {
    return unstartedRecord(request, { kind: 'cancelled', by: String(request.cancel.reason), phase: null });
  }
  const why = refusal(request);
  if (why !== null) return unstartedRecord(request, { kind: 'not-started', why });

  const slot = await session.takeSlot();
  const begun = await begin(session, slot, request);
  if (begun.kind === 'refused') {
    session.returnSlot(slot, true);
    return unstartedRecord(request, { kind: 'not-started', why: begun.why });
  }
  const { run } = begun;
  try {
    const ending = await untilEnding(run);
    const ended = await endTree(run, ending);
    run.rethrow();
    return recordOf(run, ending, ended);
  } catch (fault) {
    // Ours, not the program's: it must not live on unwatched.
    await endFamily(run.family, { ...session, grace: request.deadlines.grace });
    throw fault;
  } finally {
    run.close();
    session.returnSlot(slot, run.open.size === 0);
  }
}

async function untilEnding(run: Run): Promise<Ending> {
  const { observation } = run;
  const schedule = startSchedule(run);
  // When it was last sure to be awake. From the time asked for alone it could not tell that it was stopped while it
  // worked: what it asks for then already lies after the stop.
  let awake = run.spawnedAt;
  for (;;) {
    const until = schedule.next(awake);
    const t = await observation.pause(until);
    const late = Math.max(0, t - Math.max(until, awake));
    awake = t;
    run.rethrow();
    // Said again: a deadline may have been faced when it came.
    if (run.request.cancel.aborted) observation.feed({ kind: 'cancel', t: now() });
    observation.tick(t, late);
    const { due, ending, exitAt } = observation.walk();
    if (ending !== null) return ending;
    if (due?.name === 'drain') await faceDrain(run, due);
    else if (due !== null) await schedule.undisturbed(() => faceDeadline(run, due));
    else if (exitAt !== null) schedule.lookForHolders();
    else if (!schedule.lookAtTree()) schedule.sample();
    const after = observation.walk().ending;
    if (after !== null) return after;
    if (due !== null) awake = now();
  }
}

/** What is looked at when, while nothing happens. */
function startSchedule(run: Run) {
  const { observation, request, found, session, spawnedAt } = run;
  const samples = request.observer === 'auto' || request.observer === 'sampler';
  let nextTree = spawnedAt + FIRST_TREE_LOOK;
  let lastSample: number | null = null;
  let sampling: Promise<void> | null = null;
  let lookedForHolders = false;

  const takeSample = async () => {
    const { subject } = observation.walk();
    const stat = session.platform.stat(subject);
    if (stat === null || session.platform.isPython(subject) !== true) return;
    const target: Target = { pid: subject, startTime: stat.startTime, role: 'main', command: '' };
    const t = now();
    const phase = await sample(request, target, run.exited);
    if (observation.walk().subject === subject) observation.feed({ kind: 'sample', t, phase });
  };

  return {
    /** When to look again, from when it was last looked. */
    next: (from: number) => {
      const walk = observation.walk();
      const holderLook =
        walk.exitAt !== null && !lookedForHolders ? walk.exitAt + FIRST_HOLDER_LOOK : Infinity;
      return Math.min(from + POLL, deadlineOf(walk)?.at ?? Infinity, holderLook);
    },
    /** Answers whether it was time for it. */
    lookAtTree: () => {
      if (now() < nextTree) return false;
      session.census.look();
      observation.findSubject();
      // From its end: where a look takes longer than what lies between two, no deadline would ever pass.
      const t = now();
      nextTree = t + Math.min(TREE_LOOK, t - spawnedAt);
      return true;
    },
    lookForHolders: () => {
      const { exitAt } = observation.walk();
      if (lookedForHolders || exitAt === null || now() < exitAt + FIRST_HOLDER_LOOK) return;
      lookedForHolders = true;
      found.holders = lookForHolders(run);
    },
    sample: () => {
      const due = samples && sampling === null ? nextSample(observation.walk(), lastSample) : null;
      if (due === null || now() < due) return;
      lastSample = now();
      sampling = takeSample().finally(() => {
        sampling = null;
      });
    },
    /** Two tools at once on one process confuse each other. */
    undisturbed: async (body: () => Promise<void>) => {
      await hurried(sampling ?? Promise.resolve(), request.cancel, {
        atMost: 500,
        patience: SAMPLE_PATIENCE,
      });
      await body();
    },
  };
}

async function endTree(run: Run, ending: Ending): Promise<readonly Ended[]> {
  const { family, found, observation, request, session } = run;
  const { census, platform } = session;
  request.onEvent({ kind: 'ending', at: ending.at - run.spawnedAt });
  // A clean end is common and gets the cheap look: one pid that was a stranger's is looked at again when the session ends.
  census.look({ full: ending.kind !== 'exited' });
  if (ending.kind === 'exited') {
    const parted = now() + PARTING;
    while (living(family, platform).length > 0 && now() < parted) await observation.pause(now() + 10);
  }
  if (ending.kind === 'cancelled' && observation.walk().exitAt !== null) found.holders = lookForHolders(run);
  const self = platform.stat(process.pid);
  for (const { stat } of ending.kind === 'exited' ? [] : found.holders) {
    // One that was there before us, a debugger or a log viewer, is not ours to end.
    if (self !== null && platform.startedSince(stat, self)) admit(family, stat, platform);
  }
  const ended = await endFamily(family, {
    census,
    platform,
    grace: graceFor(run, ending),
    asking: ending.kind === 'cancelled' ? askingBy(request.cancel.reason) : ['SIGTERM'],
  });
  const patience = now() + REAP_PATIENCE;
  while ((observation.exit() === null || run.open.size > 0) && now() < patience) {
    await observation.pause(Math.min(patience, now() + 20));
  }
  return ended;
}

function graceFor({ request }: Run, ending: Ending): number {
  if (!request.cancel.aborted) return request.deadlines.grace;
  const left = ending.kind === 'cancelled' ? ending.at + CANCEL_TIME - now() : 0;
  return Math.min(request.deadlines.grace, Math.max(LEAST_GRACE, left));
}

/** As a terminal would have it without us: what we were asked by asks the program, which may clear up only then. */
function askingBy(reason: unknown): readonly NodeJS.Signals[] {
  return reason === 'SIGINT' || reason === 'SIGHUP' ? [reason, 'SIGTERM'] : ['SIGTERM'];
}

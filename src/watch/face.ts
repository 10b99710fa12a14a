import { isPastPython } from '../evidence/pastPython.ts';
import { phaseOfEvidence, type Sight } from '../evidence/phaseOfEvidence.ts';
import type { Target } from '../evidence/target.ts';
import type { Evidence } from '../report/model.ts';
import { now } from './clock.ts';
import { findHolders, type Holder, heldOn } from './holders.ts';
import { credible } from './phases.ts';
import { isGone, type ProcessStat } from './platform.ts';
import type { Run } from './run.ts';
import { askBySignal, takeSnapshots } from './snapshots.ts';
import { living } from './tree.ts';
import { current, type Due, type Seen } from './walk.ts';

/** Holders that change from one look to the next are looked at this often, and then named all the same. */
const LOOKS = 8;
const BETWEEN_LOOKS = 250;
const EXIT_PATIENCE = 1000;

/** A deadline has passed, or the run is cancelled: look closely, and let the phase machine judge. */
export async function faceDeadline(run: Run, due: Due): Promise<void> {
  const { observation, session, request, found } = run;
  session.census.look();
  observation.findSubject();
  const { walk } = observation;
  if (walk().due === null) return;
  if (walk().exitAt === null && isGone(session.platform.stat(run.pid))) {
    // It has ended, and Node is about to say so.
    await observation.pause(now() + EXIT_PATIENCE);
    if (walk().exitAt !== null) return;
  }
  if (due.name !== 'cancel') {
    request.onEvent({ kind: 'deadline', phase: lastPhase(run), at: due.at - run.spawnedAt });
  }
  const targets = targetsOf(run);
  const snapshots = await look(run, targets, due);
  const phases = snapshots.sights.map((sight) => confirmed(run, sight));
  const told = phases.some((phase) => phase !== 'unknown');
  if (told && request.observer !== 'none') found.sampled = true;
  observation.findSubject();
  observation.feed({ kind: 'snapshots', t: now(), phases });
  const wasSlow = due.name !== 'startup' || phases.includes('startup');
  if (due.name !== 'cancel' && walk().exitAt !== null && wasSlow) {
    found.warnings.push(
      `slow: its ${due.name} deadline passed, and it ended by itself while it was looked at`,
    );
    return;
  }
  if (walk().ending?.kind !== 'stalled' && walk().ending?.kind !== 'cancelled') {
    // It turned out to be elsewhere, where another deadline counts.
    found.evidence = [];
    found.motion = null;
    return;
  }
  const dumps = await dump(run, targets);
  const [main] = targets;
  if (!told && current(walk()).basis !== 'firm' && main !== undefined) {
    const ofMain = dumps.filter(({ pid }) => pid === main.pid);
    found.latePhase = phaseOfEvidence(ofMain, request.packagerFiles).phase;
  }
}

/** The program has ended and its output is still open: a leak only if the same process holds it twice. */
export async function faceDrain(run: Run, due: Due): Promise<void> {
  const { observation, request, found, files } = run;
  const holders = files === null ? [] : await steadyHolders(run, found.holders);
  if (observation.walk().ending !== null) return;
  request.onEvent({ kind: 'deadline', phase: 'descendants', at: due.at - run.spawnedAt });
  const targets = holders.map(targetOf);
  await look(run, targets, due);
  found.holders = holders;
  observation.feed({ kind: 'leaked', t: due.at });
  if (observation.walk().ending?.kind === 'leaked') await dump(run, targets);
}

export function lookForHolders({ files, session }: Run): readonly Holder[] {
  return files === null ? [] : findHolders(session.platform, files);
}

async function steadyHolders(run: Run, before: readonly Holder[]): Promise<readonly Holder[]> {
  let last = before;
  for (let looks = 0; ; looks += 1) {
    const holders = lookForHolders(run);
    const steady = heldOn(last, holders);
    if (steady.length > 0) return steady;
    if (looks === LOOKS || run.observation.walk().ending !== null) return holders;
    last = holders;
    await run.observation.pause(now() + BETWEEN_LOOKS);
  }
}

async function look(run: Run, targets: readonly Target[], due: Due) {
  const { observation, request, session, found } = run;
  const { cancel } = request;
  const over = () =>
    observation.walk().ending !== null ||
    cancel.aborted ||
    (due.name !== 'drain' && observation.walk().exitAt !== null);
  const snapshots = await takeSnapshots({
    request,
    targets,
    platform: session.platform,
    spawnedAt: run.spawnedAt,
    hurry: due.name === 'drain' ? cancel : AbortSignal.any([cancel, run.exited]),
    count: cancel.aborted ? 1 : 2,
    rest: async (milliseconds) => {
      const until = now() + milliseconds;
      while (!over() && now() < until) await observation.pause(until);
      return over();
    },
  });
  found.evidence = [...snapshots.evidence];
  found.motion = snapshots.motion;
  return snapshots;
}

async function dump(run: Run, targets: readonly Target[]): Promise<readonly Evidence[]> {
  const { probe, request, session, found, spawnedAt } = run;
  if (probe === null) return [];
  const dumps = await askBySignal({
    request,
    targets,
    platform: session.platform,
    spawnedAt,
    probe,
    count: request.cancel.aborted ? 1 : 2,
  });
  found.evidence.push(...dumps);
  return dumps;
}

/** What isn't Python has no teardown that we could name: all that it does is its run. */
function confirmed(run: Run, sight: Sight): Seen {
  const { observation, probe, request, session } = run;
  const { subject, startedAt } = observation.walk();
  const told = request.observer === 'none' ? 'unknown' : credible(observation.walk(), sight);
  if (told !== 'unknown') return told;
  if (startedAt === null) return session.platform.isPython(subject) === false ? 'run' : 'unknown';
  const isEnding = probe !== null && current(observation.walk()).phase === 'finalization';
  return isEnding && isPastPython(subject, probe) ? 'native-exit' : 'unknown';
}

function targetsOf(run: Run): Target[] {
  const { platform } = run.session;
  const { subject } = run.observation.walk();
  const members = living(run.family, platform);
  const isLauncher = (stat: ProcessStat) => stat.pid === run.pid && platform.isPython(stat.pid) !== true;
  const main = members.filter((stat) => stat.pid === subject);
  const others = members.filter((stat) => stat.pid !== subject && !isLauncher(stat));
  const target = (stat: ProcessStat, role: Target['role']): Target => ({
    pid: stat.pid,
    startTime: stat.startTime,
    role,
    command: platform.command(stat.pid),
  });
  return [...main.map((stat) => target(stat, 'main')), ...others.map((stat) => target(stat, 'descendant'))];
}

function targetOf({ stat, command }: Holder): Target {
  return { pid: stat.pid, startTime: stat.startTime, role: 'descendant', command };
}

function lastPhase({ observation, session }: Run) {
  const { steps, exitAt, subject, startedAt } = observation.walk();
  if (exitAt !== null) return 'descendants';
  if (startedAt === null && session.platform.isPython(subject) === false) return 'run';
  return (steps.at(-1) ?? steps[0]).phase;
}

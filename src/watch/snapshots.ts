import { collectEvidence } from '../evidence/collect.ts';
import { motionOf } from '../evidence/motion.ts';
import { phaseOfEvidence, type Sight } from '../evidence/phaseOfEvidence.ts';
import type { Probe } from '../evidence/prepareProbe.ts';
import type { Target } from '../evidence/target.ts';
import { type EvidenceTools, NO_TOOLS } from '../evidence/tools.ts';
import { vforkChildOf } from '../evidence/vforkChild.ts';
import type { Evidence, Motion } from '../report/model.ts';
import { now } from './clock.ts';
import type { Platform } from './platform.ts';
import type { WatchRequest } from './request.ts';

export interface Snapshots {
  readonly evidence: readonly Evidence[];
  /** Of the subject, one a snapshot. */
  readonly sights: readonly Sight[];
  readonly motion: Motion | null;
}

export interface SnapshotRequest {
  readonly request: WatchRequest;
  readonly targets: readonly Target[];
  readonly spawnedAt: number;
  readonly platform: Platform;
  /** Aborted when there is no time any more, or nothing to look at. */
  readonly hurry: AbortSignal;
  /** 1 under a cancel, where every second counts. */
  readonly count: 1 | 2;
  /** Waits, or comes back early when the rest is no longer of use; then answers true. */
  readonly rest: (milliseconds: number) => Promise<boolean>;
}

/** Between the two, so that they can tell a blocked program from a slow one. */
const APART = 1000;
const LIMITS = { patient: { budget: 6000, perTool: 3000 }, hurried: { budget: 2000, perTool: 1500 } };
/** A program that can answer a signal does so at once. */
const DUMP_LIMITS = {
  patient: { budget: 2000, perTool: 1000 },
  hurried: { budget: 500, perTool: 500 },
};

export async function takeSnapshots(options: SnapshotRequest): Promise<Snapshots> {
  const { request, targets, count, hurry, platform } = options;
  if (!platform.hasProc) return { evidence: [], sights: [], motion: null };
  const tools = await toolsOf(request, hurry);
  const evidence: Evidence[] = [];
  const sights: Sight[] = [];
  const subject = targets.find(({ role }) => role === 'main')?.pid;
  const [first] = targets;
  for (const snapshot of [1, 2] as const) {
    if (snapshot > count) break;
    const began = now();
    const double = subject === undefined ? undefined : vforkChildOf(subject)?.pid;
    const limits = count === 1 ? LIMITS.hurried : LIMITS.patient;
    const looking = collectEvidence({
      targets,
      tools,
      spawnedAt: nanoseconds(options.spawnedAt),
      snapshot,
      ...limits,
      faulthandler: null,
      secrets: request.secrets,
      isStill: isStillOn(platform),
      // A dump signal can end the very wait that is looked at: it comes after the judgement.
      allowSignals: false,
    });
    const patience = limits.budget + limits.perTool;
    const taken = (await hurried(looking, hurry, { atMost: 1500, patience })) ?? [];
    evidence.push(...taken);
    const sight = (pid: number | undefined) =>
      phaseOfEvidence(
        taken.filter((one) => one.pid === pid),
        request.packagerFiles,
      );
    const own = sight(subject);
    // Once the child runs a program of its own, its stack is that one's.
    const isDouble = subject !== undefined && double !== undefined && vforkChildOf(subject)?.pid === double;
    sights.push(own.phase === 'unknown' && isDouble ? sight(double) : own);
    if (snapshot < count && (await options.rest(began + APART - now()))) break;
  }
  return { evidence, sights, motion: first === undefined ? null : motionOf(evidence, first.pid) };
}

/** Asks the programs themselves for their stacks, by signal: what works where nobody may look from outside. */
export async function askBySignal(
  options: Pick<SnapshotRequest, 'request' | 'targets' | 'spawnedAt' | 'count' | 'platform'> & {
    readonly probe: Probe;
  },
): Promise<readonly Evidence[]> {
  const { request, targets, probe, count, platform } = options;
  const evidence = await collectEvidence({
    targets,
    tools: NO_TOOLS,
    spawnedAt: nanoseconds(options.spawnedAt),
    snapshot: count,
    ...(count === 1 ? DUMP_LIMITS.hurried : DUMP_LIMITS.patient),
    faulthandler: { signal: probe.dumpSignal, dumpFolder: probe.dumpFolder, hasProc: platform.hasProc },
    secrets: request.secrets,
    isStill: isStillOn(platform),
    allowSignals: true,
  });
  return evidence.filter(({ source }) => source === 'faulthandler');
}

function isStillOn(platform: Platform): (target: Target) => boolean {
  return ({ pid, startTime }) => platform.stat(pid)?.startTime === startTime;
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1e6));
}

/** A tool that can't be installed, or not in time, costs evidence, never the verdict. */
export async function toolsOf({ tools }: WatchRequest, hurry: AbortSignal): Promise<EvidenceTools> {
  try {
    const found = await hurried(tools(), hurry, { atMost: 500, patience: 120_000 });
    return found ?? { ...NO_TOOLS, missing: 'the tools were not there in time' };
  } catch (error) {
    return { ...NO_TOOLS, missing: error instanceof Error ? error.message : String(error) };
  }
}

/** What `work` comes to; null where it takes longer than `patience`, or than `atMost` once there is a hurry. */
export function hurried<T>(
  work: Promise<T>,
  hurry: AbortSignal,
  { atMost, patience }: { readonly atMost: number; readonly patience: number },
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    let timer = setTimeout(giveUp, hurry.aborted ? atMost : patience);
    const hasten = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, atMost);
    };
    hurry.addEventListener('abort', hasten, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      hurry.removeEventListener('abort', hasten);
    });
  });
}

import { type Sight } from '../evidence/phaseOfEvidence.ts';
import type { Probe } from '../evidence/prepareProbe.ts';
import type { Target } from '../evidence/target.ts';
import { type EvidenceTools } from '../evidence/tools.ts';
import type { Evidence, Motion } from '../report/model.ts';
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
export declare function takeSnapshots(options: SnapshotRequest): Promise<Snapshots>;
/** Asks the programs themselves for their stacks, by signal: what works where nobody may look from outside. */
export declare function askBySignal(options: Pick<SnapshotRequest, 'request' | 'targets' | 'spawnedAt' | 'count' | 'platform'> & {
    readonly probe: Probe;
}): Promise<readonly Evidence[]>;
/** A tool that can't be installed, or not in time, costs evidence, never the verdict. */
export declare function toolsOf({ tools }: WatchRequest, hurry: AbortSignal): Promise<EvidenceTools>;
/** What `work` comes to; null where it takes longer than `patience`, or than `atMost` once there is a hurry. */
export declare function hurried<T>(work: Promise<T>, hurry: AbortSignal, { atMost, patience }: {
    readonly atMost: number;
    readonly patience: number;
}): Promise<T | null>;

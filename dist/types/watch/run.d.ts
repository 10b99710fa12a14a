import { type Probe } from '../evidence/prepareProbe.ts';
import type { Evidence, Motion } from '../report/model.ts';
import type { Holder, StreamFiles } from './holders.ts';
import { type Observation } from './observation.ts';
import { type Output } from './output.ts';
import type { WatchRequest } from './request.ts';
import type { SessionParts, Slot } from './sessionParts.ts';
import { type Family } from './tree.ts';
import type { Seen, StreamName } from './walk.ts';
/** One run under way: what was started, what is seen of it, and what has been found out so far. */
export interface Run {
    readonly request: WatchRequest;
    readonly session: SessionParts;
    readonly pid: number;
    readonly spawnedAt: number;
    readonly probe: Probe | null;
    /** Aborted when the spawned process has ended. */
    readonly exited: AbortSignal;
    readonly family: Family;
    readonly observation: Observation;
    readonly output: Output;
    readonly files: StreamFiles | null;
    /** Streams that somebody can still write to. */
    readonly open: ReadonlySet<StreamName>;
    readonly found: Findings;
    /** Throws what the caller's listeners have thrown. */
    readonly rethrow: () => void;
    readonly close: () => void;
}
export interface Findings {
    evidence: Evidence[];
    motion: Motion | null;
    warnings: string[];
    holders: readonly Holder[];
    /** Whether a stack, and not only marks, told a phase. */
    sampled: boolean;
    /** What a dump by signal said of the phase, when nothing else had. */
    latePhase: Seen;
    lastEofAt: number | null;
}
export type Begun = {
    readonly kind: 'running';
    readonly run: Run;
} | {
    readonly kind: 'refused';
    readonly why: string;
};
export declare function begin(session: SessionParts, slot: Slot, asked: WatchRequest): Promise<Begun>;

import type { Evidence } from '../report/model.ts';
import { type DumpSignal } from './layers.ts';
import type { Target } from './target.ts';
import type { EvidenceTools } from './tools.ts';
export interface EvidenceRequest {
    /** In the order in which they are looked at; the main process first. */
    readonly targets: readonly Target[];
    readonly tools: EvidenceTools;
    /** CLOCK_MONOTONIC in nanoseconds. */
    readonly spawnedAt: bigint;
    readonly snapshot: 1 | 2;
    /** Milliseconds for all targets and tools together. */
    readonly budget: number;
    /** Milliseconds for one tool on one process. */
    readonly perTool: number;
    /** The probe's; null where no probe was set up. */
    readonly faulthandler: DumpSignal | null;
    readonly secrets: readonly string[];
    /** Whether the process under the target's number is still the one that was meant. */
    readonly isStill: (target: Target) => boolean;
    /** A dump signal can end the very wait that is to be shown: only with the last snapshot. */
    readonly allowSignals: boolean;
}
/**
 * Looks at each target through each layer, the harmless before the intrusive: `/proc`, py-spy without a stop, native
 * frames, at last the dump signal. No process meets two tools at once. Never throws and never takes much longer than
 * `budget`: a tool that is missing, hangs or fails stands in the result with `error`.
 */
export declare function collectEvidence(request: EvidenceRequest): Promise<Evidence[]>;

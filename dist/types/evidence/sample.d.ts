import type { EvidenceSource, Phase } from '../report/model.ts';
import type { Target } from './target.ts';
import type { EvidenceTools } from './tools.ts';
export interface SampleRequest {
    readonly target: Target;
    readonly tools: EvidenceTools;
    /** Prefixes of frame paths that are the packager's own. */
    readonly packagerFiles: readonly string[];
    /** False: py-spy without stopping the program (about 25 ms). True: native frames too (about 400 ms). */
    readonly native: boolean;
    /** Milliseconds. */
    readonly timeout: number;
}
export interface PhaseSample {
    /** A failed sample is unknown, never a phase. */
    readonly phase: Phase | 'unknown';
    readonly source: EvidenceSource;
}
/** One look at a live program. Without `native` the program is never stopped. */
export declare function samplePhase(request: SampleRequest): Promise<PhaseSample>;

import type { Evidence, EvidenceSource, Phase, Thread } from '../report/model.ts';
export interface Sight {
    readonly phase: Phase | 'unknown';
    /** Whether native frames told it: by Python's alone the end of a subinterpreter looks like that of the process. */
    readonly native: boolean;
}
/** What one tool's threads of a process say about its phase. */
export declare function phaseOfThreads(source: EvidenceSource, threads: readonly Thread[], packagerFiles: readonly string[]): Phase | 'unknown';
/** What the evidence of one process, of one snapshot, says about its phase: by native frames where any tool has them. */
export declare function phaseOfEvidence(evidence: readonly Evidence[], packagerFiles: readonly string[]): Sight;

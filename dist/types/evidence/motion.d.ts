import type { Evidence, Motion } from '../report/model.ts';
/**
 * How one process moved between its two snapshots: the same stack without processor time is blocked, with it spinning,
 * another stack is progress. Null where the snapshots can't tell.
 */
export declare function motionOf(evidence: readonly Evidence[], pid: number): Motion | null;

import type { Thread } from '../report/model.ts';
export interface ProcSnapshot {
    readonly threads: readonly Thread[];
    /** State, system call, descriptors, children: a line each, not yet masked. */
    readonly text: string;
}
/** What `/proc` tells of a process without any right to trace it; null where it has gone. */
export declare function readProc(pid: number): ProcSnapshot | null;

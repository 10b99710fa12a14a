import type { Phase, Thread } from '../report/model.ts';
/** What an interpreter writes when a signal, or a fault that it found itself, ends it. */
export interface CrashReport {
    /** By which the process dies next, by name. */
    readonly signal: string;
    /** `finalizing`, `initialized`; null of a signal's report, which doesn't tell it. */
    readonly state: string | null;
    /** The one that it happened in has the state `CRASHED`. */
    readonly threads: readonly Thread[];
}
/** The state of the thread that a crash happened in. */
export declare const CRASHED = "[Crashed]";
/**
 * The report at the very end of what a process wrote; null where it wrote anything after it, since then it is not what
 * that process died of.
 */
export declare function parseCrashReport(text: string): CrashReport | null;
/** Where the process was; unknown where its frames don't tell. */
export declare function crashPhase({ state, threads }: CrashReport, packagerFiles: readonly string[]): Phase | 'unknown';

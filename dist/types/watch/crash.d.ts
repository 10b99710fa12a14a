import type { Evidence } from '../report/model.ts';
import type { Run } from './run.ts';
import type { Seen } from './walk.ts';
/** What an interpreter wrote of its own crash. */
export interface Crash {
    readonly evidence: Evidence;
    readonly phase: Seen;
    /** Whether it came through the probe. */
    readonly probed: boolean;
}
/**
 * The report that process `pid` wrote when it died by `signal`; null where there is none. The probe's goes to a file
 * of that process alone. On stderr anybody can write, so that a report there tells a phase only where the interpreter
 * was told to write one: then its own comes after all others, and is of the very signal that ended it.
 */
export declare function crashOf({ request, probe, output }: Pick<Run, 'request' | 'probe' | 'output'>, { pid, signal, at }: {
    readonly pid: number;
    readonly signal: string;
    readonly at: number;
}): Crash | null;

import type { Platform, ProcessStat } from './platform.ts';
import { type Census, type Family } from './tree.ts';
export interface Ended {
    readonly pid: number;
    readonly command: string;
    readonly ended: boolean;
}
export interface EndingTools {
    readonly census: Census;
    readonly platform: Platform;
    /** Milliseconds from the first signal to SIGKILL. */
    readonly grace: number;
    /** Signals that ask, in their order; they share the grace. SIGTERM alone unless told. */
    readonly asking?: readonly NodeJS.Signals[];
}
/**
 * Asks all that live by signal, then SIGKILL on sight until nothing has been seen for many scans. Answers with
 * everything that lived when it was called or came later, and whether it is gone.
 */
export declare function endFamily(family: Family, { census, platform, grace, asking }: EndingTools): Promise<Ended[]>;
/** The start time is compared at the last moment: the number may by now be another process's. */
export declare function signalSafely(platform: Platform, known: ProcessStat, signal: NodeJS.Signals): boolean;

import type { Platform, ProcessStat } from './platform.ts';
import { type Census, type Family } from './tree.ts';
export interface Ended {
    readonly pid: number;
    readonly command: string;
    readonly ended: boolean;
}
/**
 * SIGTERM to all that live, `grace` milliseconds, then SIGKILL on sight until nothing has been seen for many scans.
 * Answers with everything that lived when it was called or came later, and whether it is gone.
 */
export declare function endFamily(family: Family, { census, platform, grace }: {
    census: Census;
    platform: Platform;
    grace: number;
}): Promise<Ended[]>;
/** The start time is compared at the last moment: the number may by now be another process's. */
export declare function signalSafely(platform: Platform, known: ProcessStat, signal: NodeJS.Signals): boolean;

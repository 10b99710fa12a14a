import type { Platform } from './platform.ts';
import type { WatchedRun, WatchRequest } from './request.ts';
import { type Ended } from './terminate.ts';
/** Runs share it: folder, probe, named pipes, and one look at the process table. */
export interface WatchSession {
    readonly watch: (request: WatchRequest) => Promise<WatchedRun>;
    /** Ends what escaped from every run so far, and answers with it. Removes the session's folder. */
    readonly close: () => Promise<readonly Ended[]>;
}
/** `folder` is created where it doesn't exist; without it one in the system's folder for temporary files is. */
export declare function openSession(options?: {
    readonly folder?: string;
    readonly platform?: Platform;
}): WatchSession;
/** One run in a session of its own. */
export declare function watch(request: WatchRequest): Promise<WatchedRun>;

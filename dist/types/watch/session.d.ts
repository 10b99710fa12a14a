import { type FifoPair } from './channel.ts';
import { type Platform } from './platform.ts';
import type { WatchedRun, WatchRequest } from './request.ts';
import { type Ended } from './terminate.ts';
import { type Census } from './tree.ts';
/** Runs share it: folder, probe, named pipes, and one look at the process table. */
export interface WatchSession {
    readonly watch: (request: WatchRequest) => Promise<WatchedRun>;
    /** Ends what escaped from every run so far, and answers with it. Removes the session's folder. */
    readonly close: () => Promise<readonly Ended[]>;
}
/** What a run takes from its session, and gives back. */
export interface Slot {
    readonly name: string;
    readonly fifos: FifoPair | null;
}
export interface SessionParts {
    readonly platform: Platform;
    readonly census: Census;
    readonly folder: string;
    readonly takeSlot: () => Promise<Slot>;
    /** `clean`: nobody holds its pipes any more. */
    readonly returnSlot: (slot: Slot, clean: boolean) => void;
    /** A value of `EXITPROOF_RUN` that no other run has. */
    readonly nextCookie: () => string;
}
/** `folder` is created where it doesn't exist; without it one in the system's folder for temporary files is. */
export declare function openSession(options?: {
    readonly folder?: string;
}): WatchSession;
/** One run in a session of its own. */
export declare function watch(request: WatchRequest): Promise<WatchedRun>;

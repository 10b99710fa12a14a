import type { WatchedRun, WatchRequest } from './request.ts';
import type { SessionParts } from './sessionParts.ts';
/** One run, from its spawn to the last of its processes. */
export declare function watchRun(session: SessionParts, request: WatchRequest): Promise<WatchedRun>;

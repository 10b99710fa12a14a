import type { RunEvent, WatchRequest } from './request.ts';
import type { StreamName } from './walk.ts';
/** The caller's functions, which are called from where nobody could catch what they throw. */
export interface Listeners {
    /** Neither throws nor rejects. */
    readonly onOutput: (stream: StreamName, chunk: Uint8Array) => Promise<void> | undefined;
    /** Doesn't throw. */
    readonly onEvent: (event: RunEvent) => void;
    /** Throws the first thing that one of them has thrown: in the run's own turn, so that the program is ended first. */
    readonly rethrow: () => void;
}
export declare function listenersOf({ onOutput, onEvent }: Pick<WatchRequest, 'onOutput' | 'onEvent'>): Listeners;

import { type FileId, type Platform, type ProcessStat } from './platform.ts';
import type { StreamName } from './walk.ts';
export interface Holder {
    readonly stat: ProcessStat;
    readonly command: string;
    readonly holds: readonly StreamName[];
}
export type StreamFiles = Readonly<Record<StreamName, FileId>>;
/** Who else has the run's output open, wherever in the system. */
export declare function findHolders(platform: Platform, files: StreamFiles): Holder[];
/** Those that were there both times: one that is just about to end is no leak. */
export declare function heldOn(before: readonly Holder[], after: readonly Holder[]): Holder[];

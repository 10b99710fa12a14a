import type { Mark } from '../evidence/marks.ts';
import { type Platform, type ProcessStat } from './platform.ts';
export interface SubjectQuestion {
    readonly leader: number;
    readonly current: number;
    readonly marks: readonly Mark[];
    readonly members: readonly ProcessStat[];
    readonly platform: Platform;
}
/**
 * Whose phases count: the spawned process if it marks or is Python, else the one descendant that it waits for, be
 * that through a shell, `uv run`, or a one-file executable's unpacker.
 */
export declare function findSubject({ leader, current, marks, members, platform }: SubjectQuestion): number;

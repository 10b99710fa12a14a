export interface ProcessStat {
    readonly pid: number;
    /** A pid alone may by now be another process's. Compared, never computed with. */
    readonly startTime: string;
    readonly parent: number;
    readonly group: number;
    readonly session: number;
    /** The kernel's letter: R, S, D, T, Z, … */
    readonly state: string;
}
/** A file's identity: what `fstat` calls device and inode. */
export interface FileId {
    readonly device: number;
    readonly inode: number;
}
/** What the system tells of processes. Every reading of a process that has gone is null or empty, never an error. */
export interface Platform {
    /** Whether `/proc` tells of processes. What reads it, snapshots and samples, is left out where it doesn't. */
    readonly hasProc: boolean;
    readonly pids: () => readonly number[];
    readonly stat: (pid: number) => ProcessStat | null;
    /** The environment that a process was started with; null where it can't be read. */
    readonly environment: (pid: number) => Buffer | null;
    readonly command: (pid: number) => string;
    /** The number by which a process knows itself: another one where it lies in a pid namespace of its own. */
    readonly ownPid: (pid: number) => number;
    /** Which of these files a process has open. */
    readonly holds: (pid: number, files: readonly FileId[]) => readonly FileId[];
    /** Whether a Python interpreter is loaded there; null where that can't be told. */
    readonly isPython: (pid: number) => boolean | null;
    /** Whether a process can be told from one that was there before `reference` started. */
    readonly startedSince: (stat: ProcessStat, reference: ProcessStat) => boolean;
    /** Throws what `process.kill` throws. */
    readonly kill: (pid: number, signal: NodeJS.Signals) => void;
    /** SIGKILL to all of a process group at once. Throws what `process.kill` throws. */
    readonly killGroup: (group: number) => void;
}
/** Zombies and the dead count as gone. */
export declare function isGone(stat: ProcessStat | null): stat is null;

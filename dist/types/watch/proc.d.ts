import type { Platform, ProcessStat } from './platform.ts';
/** The fields of `/proc/PID/stat`; the second one, the name, may hold spaces and brackets itself. */
export declare function parseStat(text: string): ProcessStat | null;
export declare const linux: Platform;

import type { Probe } from './prepareProbe.ts';
/**
 * Whether a process has put the dump signal's handler away: CPython does so between its last module and its last
 * interpreter. It tells native-exit where neither a mark nor a stack can.
 */
export declare function isPastPython(pid: number, { dumpFolder, dumpSignal }: Probe): boolean;

import type { ChildProcess } from 'node:child_process';
import { type Mark } from '../evidence/marks.ts';
import type { Platform } from './platform.ts';
import type { WatchRequest } from './request.ts';
import { type Family } from './tree.ts';
import { type PhaseEvent, type Walk } from './walk.ts';
export interface Exit {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
}
/** Everything that is seen of one run, brought into the phase machine in the order in which it counts. */
export interface Observation {
    readonly walk: () => Walk;
    readonly exit: () => Exit | null;
    readonly marks: () => readonly Mark[];
    readonly feed: (event: PhaseEvent) => void;
    /** Reads the marks, then lets the clock count as it stood at `t`: reading them may have taken long. */
    readonly tick: (t: number, late: number) => void;
    /** Asks whose phases count; costs a few reads of the process table. */
    readonly findSubject: () => void;
    /** Until something is fed or the time comes; answers with the time at which it went on. */
    readonly pause: (until: number) => Promise<number>;
    readonly close: () => void;
}
export interface ObservationParts {
    readonly request: WatchRequest;
    readonly child: ChildProcess;
    readonly pid: number;
    readonly at: number;
    readonly marksFile: string | null;
    readonly family: Family;
    readonly platform: Platform;
}
export declare function observe(parts: ObservationParts): Observation;

import type { MarkName } from '../evidence/marks.ts';
import { type Phase } from '../report/model.ts';
import type { Deadlines } from './request.ts';
export type DeadlineName = 'startup' | 'run' | 'teardown' | 'drain';
/** Milliseconds of CLOCK_MONOTONIC. */
export interface Span {
    readonly from: number;
    readonly to: number;
}
export type StreamName = 'stdout' | 'stderr';
export type Seen = Phase | 'unknown';
/** What was observed. `t` is milliseconds of CLOCK_MONOTONIC: when it happened, not when it was read. */
export type PhaseEvent = 
/** Whose phases count; another one later means that the former has ended. */
{
    readonly kind: 'subject';
    readonly pid: number;
    readonly t: number;
} | {
    readonly kind: 'mark';
    readonly pid: number;
    readonly t: number;
    readonly name: MarkName;
} | {
    readonly kind: 'sample';
    readonly t: number;
    readonly phase: Seen;
} | {
    readonly kind: 'exit';
    readonly t: number;
} | {
    readonly kind: 'eof';
    readonly stream: StreamName;
    readonly t: number;
}
/** `late`: how much later than asked the timer fired. */
 | {
    readonly kind: 'tick';
    readonly t: number;
    readonly late: number;
}
/** From `from` to `t` the program could not write, because our own reader did not read. */
 | {
    readonly kind: 'held';
    readonly from: number;
    readonly t: number;
}
/** What the snapshots at a deadline or a cancel said, in their order. */
 | {
    readonly kind: 'snapshots';
    readonly t: number;
    readonly phases: readonly Seen[];
} | {
    readonly kind: 'leaked';
    readonly t: number;
} | {
    readonly kind: 'cancel';
    readonly t: number;
};
/**
 * Why a phase is believed. `assumed`: nothing but the order of things; `sampled`: a stack showed it; `tentative`: a
 * mark without those that come before it; `firm`: marks in their order.
 */
export type Basis = 'assumed' | 'sampled' | 'tentative' | 'firm';
export interface Step {
    readonly phase: Phase;
    readonly at: number;
    readonly basis: Basis;
}
/** Set once: the first reason wins. */
export type Ending = {
    readonly kind: 'exited';
    readonly at: number;
} | {
    readonly kind: 'stalled';
    readonly at: number;
    readonly deadline: DeadlineName;
    readonly phase: Phase | null;
} | {
    readonly kind: 'leaked';
    readonly at: number;
} | {
    readonly kind: 'cancelled';
    readonly at: number;
    readonly phase: Phase | null;
};
export interface Due {
    readonly name: DeadlineName | 'cancel';
    readonly at: number;
}
/** One run's way through the phases, as far as it is known. */
export interface Walk {
    readonly deadlines: Deadlines;
    readonly boot: 'cold' | 'warm';
    readonly spawnedAt: number;
    readonly subject: number;
    /** The subject's last `start`. */
    readonly startedAt: number | null;
    readonly steps: readonly [Step, ...Step[]];
    /** The last sample that has not moved the phase. */
    readonly hint: {
        readonly phase: Phase;
        readonly at: number;
    } | null;
    /** When exitproof itself was in the way: it could not look, or its own reader did not read. */
    readonly frozen: readonly Span[];
    readonly exitAt: number | null;
    readonly open: readonly StreamName[];
    /** A deadline that has passed and waits for the snapshots. */
    readonly due: Due | null;
    readonly ending: Ending | null;
}
export declare function current(walk: Walk): Step;
export declare function isTeardown(phase: Phase): boolean;
/** Phases compare by it: a later one has the greater number. */
export declare function order(phase: Phase): number;

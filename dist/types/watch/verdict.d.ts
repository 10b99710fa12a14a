import type { Phase, Verdict } from '../report/model.ts';
import type { Holder } from './holders.ts';
import type { WatchRequest } from './request.ts';
import type { DeadlineName, Ending } from './walk.ts';
/** How a run ended, as facts. The verdict and every word about it are derived here and nowhere else. */
export type Outcome = {
    readonly kind: 'not-started';
    readonly why: string;
} | {
    readonly kind: 'cancelled';
    readonly by: string;
    readonly phase: Phase | null;
} | {
    readonly kind: 'stalled';
    readonly deadline: DeadlineName;
    readonly phase: Phase | null;
} | {
    readonly kind: 'leaked';
    readonly holders: readonly Holder[];
} | {
    readonly kind: 'exited';
    readonly exitCode: number | null;
    readonly signal: string | null;
    /** Where it was when it ended. */
    readonly phase: Phase | null;
    /** Where a sample saw it, some time before. */
    readonly lastSeen: Phase | null;
    /** Whether any Python ran. */
    readonly python: boolean;
    /** The part of stdout that an expectation is held against. */
    readonly output: string;
};
export interface Judgement {
    readonly verdict: Verdict;
    readonly phase: Phase | null;
    readonly reason: string;
}
export declare function outcomeOf(ending: Ending, facts: {
    readonly cancelledBy: string;
    readonly holders: readonly Holder[];
    readonly exited: Omit<Extract<Outcome, {
        kind: 'exited';
    }>, 'kind'>;
}): Outcome;
export declare function judge(outcome: Outcome, { expect, deadlines, secrets }: Pick<WatchRequest, 'expect' | 'deadlines' | 'secrets'>): Judgement;

import { type Platform, type ProcessStat } from './platform.ts';
/** Carried by every process of a run, unless it throws its environment away. */
export declare const COOKIE_VARIABLE = "EXITPROOF_RUN";
/** One run's processes, as far as they have been seen. */
export interface Family {
    /** Ends with `;`, so that no cookie is the beginning of another. */
    readonly cookie: string;
    readonly members: Map<number, ProcessStat>;
    /**
     * Every session that a member was seen in, for its leader may be gone before the others, with that leader's start
     * time, or null where it had gone by then. Null where they share ours.
     */
    readonly sessions: Map<number, string | null> | null;
    /** Sessions that others live in too, exitproof's own among them: being in one makes nobody a member. */
    readonly shared: ReadonlySet<number>;
}
export interface Census {
    /**
     * `leader`: its first process, where that is known. `inOurSession`: its processes share exitproof's own, and are known
     * by cookie and lineage alone.
     */
    readonly found: (cookie: string, known?: {
        leader?: number;
        inOurSession?: boolean;
    }) => Family;
    readonly forget: (family: Family) => void;
    /**
     * Looks at processes that were not there at the last look. `full`: at all that started since exitproof did.
     * `onMember` is called the moment that a process is known to be one of a family.
     */
    readonly look: (options?: {
        full?: boolean;
        onMember?: (family: Family, stat: ProcessStat) => void;
    }) => void;
}
/** Whose child is whose, kept up to date by looking at new processes only. */
export declare function openCensus(platform: Platform, { strangers: initial }?: {
    readonly strangers?: readonly number[];
}): Census;
export declare function admit(family: Family, stat: ProcessStat, platform: Platform): void;
/** The members that live: neither gone, nor zombies, nor another process under the same number. */
export declare function living(family: Family, platform: Platform): ProcessStat[];

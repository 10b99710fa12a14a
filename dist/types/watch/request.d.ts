import type { AwaitedThread } from '../evidence/marks.ts';
import type { EvidenceTools } from '../evidence/tools.ts';
import type { Layout, Motion, Observer, Phase, RunRecord } from '../report/model.ts';
export type Stdin = {
    readonly kind: 'empty';
}
/** exitproof's own, passed through. */
 | {
    readonly kind: 'inherit';
}
/** A pipe that stays open and never says anything. */
 | {
    readonly kind: 'open';
} | {
    readonly kind: 'file';
    readonly path: string;
} | {
    readonly kind: 'text';
    readonly text: string;
};
/** All in milliseconds. Which deadline counts from when: docs/phases.md. */
export interface Deadlines {
    /** Only for a cold boot; the run deadline then counts from the end of startup. */
    readonly startup: number;
    readonly run: number;
    readonly teardown: number;
    readonly drain: number;
    /** From SIGTERM to SIGKILL. */
    readonly grace: number;
}
export type ObserverChoice = 'auto' | Observer;
/** What happens while a run goes on, for whoever shows it live. */
export type RunEvent = {
    readonly kind: 'spawned';
    readonly pid: number;
} | {
    readonly kind: 'phase';
    readonly phase: Phase;
    readonly at: number;
}
/** A deadline passed; evidence is being collected. */
 | {
    readonly kind: 'deadline';
    readonly phase: Phase;
    readonly at: number;
} | {
    readonly kind: 'ending';
    readonly at: number;
};
export interface WatchRequest {
    readonly name: string;
    readonly argv: readonly [string, ...string[]];
    readonly layout: Layout;
    readonly cwd: string;
    /** The whole environment of the program; the probe's and the cookie's variables are added to it. */
    readonly env: Readonly<Record<string, string>>;
    readonly stdin: Stdin;
    readonly boot: 'cold' | 'warm';
    readonly deadlines: Deadlines;
    readonly observer: ObserverChoice;
    readonly expect: {
        readonly exitCode: number;
        readonly output: RegExp | null;
    };
    /** Soft: a longer teardown warns. Milliseconds, or null. */
    readonly teardownBudget: number | null;
    /** Where the packager's own files lie, so that startup can be told from run. Prefixes of frame paths. */
    readonly packagerFiles: readonly string[];
    /** Asked only when something is to be looked at: installing takes seconds the first time. */
    readonly tools: () => Promise<EvidenceTools>;
    /** Words that may stand in no dump and no excerpt. */
    readonly secrets: readonly string[];
    /**
     * The stream is read on once the answer resolves: until then the program may have to wait with its next output. What
     * a listener throws ends the program and is thrown by `watch`.
     */
    readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => Promise<void> | undefined;
    readonly onEvent: (event: RunEvent) => void;
    /** Aborted when exitproof itself is cancelled; `reason` is the signal's name. */
    readonly cancel: AbortSignal;
}
/** The diagnosis is added later, from this record alone. */
export type WatchedRun = Omit<RunRecord, 'diagnosis'> & {
    /** Of the main process, between the two snapshots. */
    readonly motion: Motion | null;
    /** The main process's threads that were no daemons when its threading-shutdown began; null where nothing told. */
    readonly awaited: readonly AwaitedThread[] | null;
    /** X.Y.Z of the interpreter that ran, as the probe in it told; null where it told nothing. */
    readonly python: string | null;
};

/**
 * The report's data, `exitproof.report/1`. Everything that a person or a program is shown is drawn from it.
 * Its JSON Schema is generated from `src/report/schema.ts`, which is checked against these types.
 */
/** Worst first: the verdict of the whole is the worst of its runs. */
export declare const VERDICTS: readonly ['cancelled', 'not-started', 'stalled', 'leaked', 'crashed', 'failed', 'passed'];
export type Verdict = (typeof VERDICTS)[number];
/** In the order in which a run walks through them, named as CPython names them. */
export declare const PHASES: readonly ['startup', 'run', 'threading-shutdown', 'atexit', 'finalization', 'native-exit', 'descendants'];
export type Phase = (typeof PHASES)[number];
/** What exitproof builds: a folder for `venv` and `onedir`, one file for `zipapp` and `onefile`. */
export declare const BUILT_LAYOUTS: readonly ['venv', 'zipapp', 'onedir', 'onefile'];
export type BuiltLayout = (typeof BUILT_LAYOUTS)[number];
export type Layout = BuiltLayout | 'executable';
export type Observer = 'probe' | 'sampler' | 'none';
/** Innermost first in every list of frames. `function` is the bare name (`__del__`, not `Registry.__del__`). */
export interface Frame {
    readonly function: string;
    /** As the tool gave it: absolute, inside a zip, or `<string>`; a library's path for a native frame. */
    readonly file: string | null;
    readonly line: number | null;
    /** True for a C frame. Absent means Python. */
    readonly native?: boolean;
}
export interface Thread {
    readonly name: string | null;
    /** The kernel's thread id, where the tool knows it. */
    readonly tid: number | null;
    /** The interpreter's main thread. */
    readonly main: boolean;
    /** The thread that the diagnosis blames. */
    readonly guilty?: boolean;
    /** What the tool adds about the thread: `[Dropping the GIL]`, `active`, `R`. */
    readonly state?: string;
    /** Milliseconds that it has run on a processor so far; the source `proc` knows it. */
    readonly cpu?: number;
    readonly frames: readonly Frame[];
    /** How many further threads have the very same frames and were folded into this one. */
    readonly folded?: number;
}
export declare const EVIDENCE_SOURCES: readonly ['py-spy', 'pystack', 'faulthandler', 'gdb', 'proc', 'eu-stack'];
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];
/** What one tool said of one process at one time. A tool that failed or hung stands here too, with `error`. */
export interface Evidence {
    readonly source: EvidenceSource;
    readonly pid: number;
    readonly role: 'main' | 'descendant';
    readonly command: string;
    /** Milliseconds since the run was spawned. */
    readonly at: number;
    /** 1 or 2: two snapshots a second apart tell blocked from slow. */
    readonly snapshot: 1 | 2;
    readonly threads: readonly Thread[];
    /** The tool's own words, bounded and masked, where they say more than the threads. */
    readonly text?: string;
    readonly error?: string;
}
export type Motion = 'blocked' | 'spinning' | 'progressing';
export interface SourceLine {
    /** Relative to the checkout. */
    readonly path: string;
    readonly line: number;
    /** False where the packaged file differs from the checkout's, or carries no source: the line may be off. */
    readonly exact: boolean;
}
export interface Guilty extends Frame {
    readonly source: SourceLine | null;
}
export interface Diagnosis {
    /** A slug of `src/diagnose/causes.ts`, or `unknown`. */
    readonly cause: string;
    /** One sentence: what happened, with the names filled in. */
    readonly summary: string;
    /** What to change, ready to paste. */
    readonly remedy: string | null;
    readonly guilty: Guilty | null;
    /** Who holds the lock that the guilty frame waits for, where that is known. */
    readonly holder?: Guilty;
    readonly motion: Motion | null;
}
/** A detached process that outlived the run without holding its output: named, ended, and no part of the verdict. */
export interface LeftProcess {
    readonly pid: number;
    readonly command: string;
    /** False where it could not be ended. */
    readonly ended: boolean;
    /** For a leak: which of the run's descriptors it held. */
    readonly holds?: readonly ('stdout' | 'stderr')[];
}
export interface RunOutput {
    /** stdout and stderr as they came, bounded. `tail` is empty where all of it fits in `head`. */
    readonly head: string;
    readonly tail: string;
    readonly bytes: {
        readonly stdout: number;
        readonly stderr: number;
    };
}
export interface RunRecord {
    readonly name: string;
    readonly argv: readonly string[];
    readonly layout: Layout;
    /** False for one in a layout that was only tried, or is not shipped: the verdict of the whole is not of it. */
    readonly counts?: false;
    /** Set for one out of the archive, unpacked and fitted to another place. */
    readonly from?: 'archive';
    readonly verdict: Verdict;
    /** Where it ended, for a verdict that has a phase; null for the others. */
    readonly phase: Phase | null;
    /** One sentence on the verdict: "failed: exit code 3, expected 0". */
    readonly reason: string;
    readonly exitCode: number | null;
    /** `SIGSEGV`, by name. */
    readonly signal: string | null;
    readonly pid: number | null;
    /** Milliseconds by phase, whole run; a phase that was not seen is absent. */
    readonly timings: Partial<Record<Phase, number>>;
    /** Milliseconds from spawn to the verdict, evidence not counted. */
    readonly duration: number;
    readonly boot: 'cold' | 'warm';
    /** Who told the phases. */
    readonly observer: Observer;
    /** Set where a soft limit was passed (a teardown over its budget, a stall that ended by itself). */
    readonly warnings: readonly string[];
    readonly left: readonly LeftProcess[];
    readonly output: RunOutput;
    readonly evidence: readonly Evidence[];
    readonly diagnosis: Diagnosis | null;
}
export interface Interpreter {
    readonly path: string;
    /** X.Y.Z */
    readonly version: string;
    readonly implementation: string;
}
export interface BuildRecord {
    readonly builder: string;
    /** The builder's own version. */
    readonly version: string;
    readonly seconds: number;
    /** Relative to the working directory where it lies below it. */
    readonly artifact: string;
    readonly sha256: string;
    /** The one that really ran. */
    readonly interpreter: Interpreter;
    readonly entry: string;
    /** Where the dependencies came from: `uv.lock`, `requirements.txt`, `unlocked`; `no dependencies` without any. */
    readonly lock: string;
}
export declare const CACHE_RESULTS: readonly ['hit', 'partial', 'miss', 'denied', 'corrupt', 'off'];
export type CacheResult = (typeof CACHE_RESULTS)[number];
export interface CacheRecord {
    readonly result: CacheResult;
    /** Why, in words: "part changed: project". */
    readonly reason: string;
    readonly key: string;
    readonly parts: readonly {
        readonly name: string;
        readonly value: string;
    }[];
    /** Whether this run stored its layout, and why not. */
    readonly saved: boolean;
}
/** Where a share from 0 to 1 lies, with 95 % confidence: on two sides, or on one where nothing was seen. */
export interface Interval {
    readonly lower: number;
    readonly upper: number;
    readonly sides: 1 | 2;
}
/** How long many runs took, in milliseconds of three significant digits. */
export interface Times {
    readonly p50: number;
    readonly p95: number;
    readonly max: number;
    /** How many runs took how long: from these, times of several reports are joined. */
    readonly counts: Readonly<Record<string, number>>;
}
/** One smoke run in one layout on one Python, repeated. */
export interface SoakSeries {
    readonly name: string;
    readonly layout: Layout;
    /** X.Y.Z; null where nothing was built. */
    readonly python: string | null;
    /** Those that came to a verdict: all but the cancelled ones. */
    readonly runs: number;
    readonly stalls: number;
    /** Of the share of stalls; null without runs. */
    readonly interval: Interval | null;
    readonly verdicts: Partial<Record<Verdict, number>>;
    /** Of the runs that passed; the startup of the cold one is left out. */
    readonly timings: Partial<Record<Phase, Times>>;
    /** All teardown phases together. */
    readonly teardown: Times | null;
}
/** Runs that did not pass and ended alike: same layout, verdict, phase, cause and stack. */
export interface SoakEnding {
    /** The same in every report for the same ending. */
    readonly fingerprint: string;
    readonly verdict: Verdict;
    readonly phase: Phase | null;
    readonly runs: number;
    /** Which of the report's `runs` has the evidence. */
    readonly example: number;
}
/** Of all series together. */
export interface SoakRecord {
    readonly runs: number;
    readonly stalls: number;
    readonly interval: Interval | null;
    readonly verdicts: Partial<Record<Verdict, number>>;
    readonly series: readonly SoakSeries[];
    /** Worst first, then the most frequent. */
    readonly endings: readonly SoakEnding[];
}
/** Which part of a soak the report is. */
export interface Shard {
    /** From 1. */
    readonly index: number;
    readonly of: number;
}
/** One of the reports that were merged into this one. */
export interface ReportPart {
    /** The file that it was read from. */
    readonly file: string;
    readonly verdict: Verdict | 'not-built';
    /** X.Y.Z; null where nothing was built. */
    readonly python: string | null;
    readonly platform: string;
    readonly shard: Shard | null;
    readonly runs: number;
    readonly stalls: number;
}
export interface Report {
    readonly schema: 'exitproof.report/1';
    /** exitproof's own version. */
    readonly exitproof: string;
    readonly verdict: Verdict | 'not-built';
    readonly phase: Phase | null;
    readonly cause: string | null;
    /** One sentence on the whole. */
    readonly summary: string;
    /** The checkout's commit, where there is one. */
    readonly commit: string | null;
    /** ISO 8601, UTC. */
    readonly started: string;
    /** Milliseconds. */
    readonly duration: number;
    readonly build: BuildRecord | null;
    readonly cache: CacheRecord | null;
    /** Where the smoke-tested executable and its archive lie, relative to the working directory. */
    readonly executable: string | null;
    /** That of `executable`; null where nothing was made ready. */
    readonly layout: Layout | null;
    readonly archive: {
        readonly path: string;
        readonly sha256: string;
    } | null;
    /** Of a soak only some: the first, and one for each distinct ending. */
    readonly runs: readonly RunRecord[];
    /** What many runs say together; null where each was run once. */
    readonly soak: SoakRecord | null;
    readonly shard: Shard | null;
    /** Where it ran: `ubuntu 24.04, x64`. */
    readonly platform: string;
    /** Of a merged report; empty for any other. */
    readonly parts: readonly ReportPart[];
    /** What fails nothing, but should be looked at: a layout that stalls beside the one that is shipped, a teardown that grew. */
    readonly warnings: readonly string[];
    /** Notices that are no failure: "unlocked", "only --help was run". */
    readonly notices: readonly string[];
    /** Why nothing was built, for the verdict `not-built`. */
    readonly failure: {
        readonly message: string;
        readonly hint: string | null;
    } | null;
}

import type { Thread } from '../report/model.ts';
/** `Registry.__del__` and `main.<locals>.worker` by their last part. */
export declare function bareName(qualified: string): string;
/** Main thread first; those with the very same frames and state as one, their processor time added up. */
export declare function foldThreads(threads: readonly Thread[]): Thread[];
/** Words of the watched program as they may stand in a report. */
export declare function clean(text: string, secrets: readonly string[]): string;
/** What a parser read, as it may stand in a report: without exitproof's own, folded, bounded, masked, printable. */
export declare function reportThreads(threads: readonly Thread[], secrets: readonly string[]): Thread[];

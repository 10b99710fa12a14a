import { type DeadlineName, type Span, type Walk } from './walk.ts';
/** The one deadline that counts now, and when it passes; null when nothing is waited for. */
export declare function deadlineOf(walk: Walk): {
    readonly name: DeadlineName;
    readonly at: number;
} | null;
/** A slow reader holds a program up again and again: spans that meet are one, and none counts twice. */
export declare function withSpan(spans: readonly Span[], next: Span): readonly Span[];

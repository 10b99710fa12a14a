import { type DeadlineName, isTeardown, type Span, type Walk } from './walk.ts';

/** The one deadline that counts now, and when it passes; null when nothing is waited for. */
export function deadlineOf(walk: Walk): { readonly name: DeadlineName; readonly at: number } | null {
  const { deadlines, steps } = walk;
  const due = (name: DeadlineName, from: number) => ({
    name,
    at: from + deadlines[name] + lostSince(walk.frozen, from),
  });
  if (walk.ending !== null) return null;
  if (walk.exitAt !== null) return walk.open.length > 0 ? due('drain', walk.exitAt) : null;
  const teardown = steps.find(({ phase }) => isTeardown(phase));
  if (teardown !== undefined) return due('teardown', teardown.at);
  if (walk.boot === 'warm') return due('run', walk.spawnedAt);
  const run = steps.find(({ phase }) => phase === 'run');
  return run === undefined ? due('startup', walk.spawnedAt) : due('run', run.at);
}

/** Each is looked at with each tick. */
const SPANS_KEPT = 200;

/** A slow reader holds a program up again and again: spans that meet are one, and none counts twice. */
export function withSpan(spans: readonly Span[], next: Span): readonly Span[] {
  const last = spans.at(-1);
  if (last === undefined || next.from > last.to) return bounded([...spans, next]);
  return [...spans.slice(0, -1), { from: last.from, to: Math.max(last.to, next.to) }];
}

/** The two oldest are made one of their length, as late as may be: no deadline comes earlier by it. */
function bounded(spans: readonly Span[]): readonly Span[] {
  const [one, other, ...rest] = spans;
  if (one === undefined || other === undefined || spans.length <= SPANS_KEPT) return spans;
  return [{ from: other.from - (one.to - one.from), to: other.to }, ...rest];
}

/** Time in which exitproof itself was held up is nobody's fault. */
function lostSince(frozen: readonly Span[], from: number): number {
  return frozen.reduce((sum, span) => sum + Math.max(0, span.to - Math.max(span.from, from)), 0);
}

import type { Evidence, EvidenceSource, Motion, Thread } from '../report/model.ts';

/** Milliseconds a second: a tick of the kernel's clock, and a little for being looked at. */
const WAITING_AT_MOST = 15;
/** Where no thread was met running, it takes more to say that one spins. */
const WAITING_UNSEEN_AT_MOST = 150;

/** By name and file, never by line: a loop moves its line and gets nowhere. */
function stackOf(threads: readonly Thread[]): string | null {
  const frames = threads.find((thread) => thread.main)?.frames.filter((frame) => frame.native !== true);
  return frames === undefined || frames.length === 0
    ? null
    : JSON.stringify(frames.map((frame) => [frame.function, frame.file]));
}

function processorTime(threads: readonly Thread[]): number {
  return threads.reduce((sum, thread) => sum + (thread.cpu ?? 0), 0);
}

function isRunning(threads: readonly Thread[]): boolean {
  return threads.some((thread) => thread.state?.startsWith('R') === true);
}

/**
 * How one process moved between its two snapshots: the same stack without processor time is blocked, with it spinning,
 * another stack is progress. Null where the snapshots can't tell.
 */
export function motionOf(evidence: readonly Evidence[], pid: number): Motion | null {
  const find = (source: EvidenceSource, snapshot: 1 | 2): Evidence | undefined =>
    evidence.find((each) => each.pid === pid && each.source === source && each.snapshot === snapshot);
  const [first, second] = [find('proc', 1), find('proc', 2)];
  if (first === undefined || second === undefined) return null;
  const [before, after] = ([1, 2] as const).map((snapshot) =>
    stackOf(find('py-spy', snapshot)?.threads ?? []),
  );
  if (before && after && before !== after) return 'progressing';
  const seconds = Math.max(0.1, (second.at - first.at) / 1000);
  const used = (processorTime(second.threads) - processorTime(first.threads)) / seconds;
  const isSeenRunning = isRunning(first.threads) || isRunning(second.threads);
  return used > (isSeenRunning ? WAITING_AT_MOST : WAITING_UNSEEN_AT_MOST) ? 'spinning' : 'blocked';
}

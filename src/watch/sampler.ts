import { samplePhase } from '../evidence/sample.ts';
import type { Target } from '../evidence/target.ts';
import type { WatchRequest } from './request.ts';
import { toolsOf } from './snapshots.ts';
import { current, type Seen, type Walk } from './walk.ts';

const OFTEN = 1000;
const SELDOM = 5000;
/** Two looks that agree are a proof: the second follows soon, or a short teardown would be over. */
const AGAIN = 300;
const TIMEOUT = 1500;

/** When to look next, in milliseconds of CLOCK_MONOTONIC; null where the marks say all that a sample could. */
export function nextSample(walk: Walk, last: number | null): number | null {
  const { basis, phase } = current(walk);
  if (walk.exitAt !== null || walk.due !== null || basis === 'firm') return null;
  if (walk.hint !== null && last !== null && walk.hint.at >= last) return last + AGAIN;
  // A cold startup has no mark for its end.
  const unsure = walk.startedAt === null || basis === 'tentative' || phase === 'startup';
  const every = unsure ? OFTEN : SELDOM;
  return (last ?? walk.spawnedAt) + every;
}

/** First without stopping the program; native frames only where those alone can tell. */
export async function sample(request: WatchRequest, target: Target, exited: AbortSignal): Promise<Seen> {
  const options = {
    target,
    tools: await toolsOf(request, AbortSignal.any([request.cancel, exited])),
    packagerFiles: request.packagerFiles,
    timeout: TIMEOUT,
  };
  const quick = await samplePhase({ ...options, native: false });
  if (quick.phase === 'run' || quick.phase === 'startup') return quick.phase;
  return (await samplePhase({ ...options, native: true })).phase;
}

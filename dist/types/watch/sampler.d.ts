import type { Target } from '../evidence/target.ts';
import type { WatchRequest } from './request.ts';
import { type Seen, type Walk } from './walk.ts';
/** When to look next, in milliseconds of CLOCK_MONOTONIC; null where the marks say all that a sample could. */
export declare function nextSample(walk: Walk, last: number | null): number | null;
/** First without stopping the program; native frames only where those alone can tell. */
export declare function sample(request: WatchRequest, target: Target, exited: AbortSignal): Promise<Seen>;

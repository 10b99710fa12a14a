import type { WatchedRun, WatchRequest } from './request.ts';
import type { Run } from './run.ts';
import type { Ended } from './terminate.ts';
import { judge } from './verdict.ts';
import { type Ending } from './walk.ts';
export declare function recordOf(run: Run, ending: Ending, ended: readonly Ended[]): WatchedRun;
/** Of a run of which no process was ever there. */
export declare function unstartedRecord(request: WatchRequest, outcome: Parameters<typeof judge>[0]): WatchedRun;

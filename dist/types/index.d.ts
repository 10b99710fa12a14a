export type * from './report/model.ts';
export type { Deadlines, ObserverChoice, RunEvent, Stdin, WatchedRun, WatchRequest, } from './watch/request.ts';
export { openSession, type WatchSession, watch } from './watch/watch.ts';

export type { WatchedRun, WatchRequest } from './request.ts';
export { openSession, type WatchSession, watch } from './session.ts';
export { sweepDeadGuards } from './sweep.ts';

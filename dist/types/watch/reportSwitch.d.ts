import type { WatchRequest } from './request.ts';
type Told = Pick<WatchRequest, 'argv' | 'env' | 'observer'>;
/**
 * CPython's own switch for reports of crashes, as a variable to add. Where the probe isn't used nothing else tells where
 * a program crashed. What the user has set, even to nothing, stays.
 */
export declare function reportSwitch({ observer, env }: Told): Readonly<Record<string, string>>;
/** Whether the interpreter was told to write them. An isolated one doesn't look at its environment. */
export declare function reportsCrashes(request: Told): boolean;
export {};

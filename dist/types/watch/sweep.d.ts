import { type Platform } from './platform.ts';
import { type Ended } from './terminate.ts';
export interface Registration {
    readonly close: () => void;
}
/** Writes down that this process guards, so that a later one can clean up after it if it is killed. */
export declare function registerGuard(session: {
    readonly cookie: string;
    readonly folder: string;
}, platform: Platform): Registration;
/** Ends what guards that were killed have left behind. Answers with what it met. */
export declare function sweepDeadGuards(grace: number, platform?: Platform): Promise<Ended[]>;
/** As far as that is possible. */
export declare function removeFolder(folder: string): void;

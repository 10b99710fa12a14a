import { type Holder } from './holders.ts';
import type { Run } from './run.ts';
import { type Due } from './walk.ts';
/** A deadline has passed, or the run is cancelled: look closely, and let the phase machine judge. */
export declare function faceDeadline(run: Run, due: Due): Promise<void>;
/** The program has ended and its output is still open: a leak only if the same process holds it twice. */
export declare function faceDrain(run: Run, due: Due): Promise<void>;
export declare function lookForHolders({ files, session }: Run): readonly Holder[];

import type { Sight } from '../evidence/phaseOfEvidence.ts';
import type { Phase } from '../report/model.ts';
import { type PhaseEvent, type Seen, type Walk } from './walk.ts';
/** A later tick than this means that exitproof itself was held up: then nobody is judged by it. */
export declare const LATE = 500;
export declare function spawned(plan: Pick<Walk, 'deadlines' | 'boot'>, pid: number, t: number): Walk;
export declare function advance(walk: Walk, event: PhaseEvent): Walk;
/** The phase that can be vouched for; null where nothing told it. */
export declare function knownPhase(walk: Walk): Phase | null;
/** Where the process was when it ended by itself: only marks tell that. A sample is of a moment before. */
export declare function phaseAtExit(walk: Walk): Phase | null;
/** Python frames alone don't lead back behind a firm mark: they may be those of a subinterpreter that ends. */
export declare function credible(walk: Walk, { phase, native }: Sight): Seen;

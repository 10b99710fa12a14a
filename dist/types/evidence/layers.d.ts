import type { EvidenceSource, Thread } from '../report/model.ts';
import type { Target } from './target.ts';
import type { EvidenceTools } from './tools.ts';
/** What one tool said, as it said it: not yet folded, bounded or masked. */
export interface Finding {
    readonly source: EvidenceSource;
    readonly threads: readonly Thread[];
    readonly text?: string;
    readonly error: string | null;
}
export interface Look {
    readonly target: Target;
    /** Milliseconds for the whole layer. */
    readonly timeout: number;
}
export type Layer = (look: Look) => Promise<Finding[]>;
/** The probe's. */
export interface DumpSignal {
    readonly signal: number;
    readonly dumpFolder: string;
    /** False where no `/proc` tells whether the handler is in place: there its file alone speaks for it. */
    readonly hasProc: boolean;
}
/** Less than this is no time for any tool. */
export declare const LEAST_TIME = 30;
export declare function failed(source: EvidenceSource, error: string): Finding;
export declare function pythonLayer({ pySpy, missing }: EvidenceTools, options: {
    readonly blocking: boolean;
}): Layer;
/** pystack first, for it has Python and native frames in one; gdb where that says nothing. */
export declare function nativeLayer({ pystack, gdb }: EvidenceTools): Layer;
export declare function signalLayer(faulthandler: DumpSignal): Layer;
export declare const procLayer: Layer;

import type { RunOutput } from '../report/model.ts';
import type { StreamName } from './walk.ts';
/** What is kept of a run's output, however much there is. */
export interface Output {
    readonly add: (stream: StreamName, chunk: Uint8Array) => void;
    /** For the report, masked. */
    readonly kept: () => RunOutput;
    /** The beginning and the end of stdout, for an expectation. */
    readonly searched: () => string;
    /** The end of stderr, not yet masked. */
    readonly lastWords: () => string;
}
export declare function keepOutput(options: {
    readonly secrets: readonly string[];
    readonly search: boolean;
}): Output;

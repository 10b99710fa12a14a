import type { Thread } from '../report/model.ts';
import type { Target } from './target.ts';
import type { LayerResult } from './tool.ts';
/**
 * What `faulthandler.register` writes. Its threads run from the newest to the oldest, which is the main one; of more than
 * a hundred it leaves the oldest out.
 */
export declare function parseFaulthandler(text: string): Thread[];
/** Sends the dump signal, but only to a process whose handler is in place and whose dump file is still its own. */
export declare function askFaulthandler(request: {
    readonly target: Target;
    readonly signal: number;
    readonly dumpFolder: string;
    readonly hasProc: boolean;
    readonly timeout: number;
}): Promise<LayerResult>;

import type { Thread } from '../report/model.ts';
import { type LayerResult } from './tool.ts';
/** `thread apply all bt`, arguments left out. */
export declare function parseGdb(text: string, pid: number): Thread[];
export declare function askGdb(request: {
    readonly tool: string;
    readonly pid: number;
    readonly timeout: number;
}): Promise<LayerResult>;

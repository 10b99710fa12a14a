import type { Thread } from '../report/model.ts';
import { type LayerResult } from './tool.ts';
/** `pystack remote --native-all`: its frames run from the root inwards, the report's the other way round. */
export declare function parsePystack(text: string, pid: number): Thread[];
export declare function askPystack(request: {
    readonly tool: string;
    readonly pid: number;
    readonly timeout: number;
}): Promise<LayerResult>;

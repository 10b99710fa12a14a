import type { Thread } from '../report/model.ts';
import { type LayerResult } from './tool.ts';
/** `py-spy dump --json`; null for what is no such answer. The main thread is found by its tid, its name, its place. */
export declare function parsePySpy(json: string, pid: number): Thread[] | null;
/** Without a stop of the process; with one, where `blocking` allows it and nothing else answered. */
export declare function askPySpy(request: {
    readonly tool: string;
    readonly pid: number;
    readonly timeout: number;
    readonly blocking: boolean;
}): Promise<LayerResult>;

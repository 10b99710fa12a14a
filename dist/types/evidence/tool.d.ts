import type { Thread } from '../report/model.ts';
export interface LayerResult {
    readonly threads: readonly Thread[];
    /** Why it saw nothing; null where it saw something. */
    readonly error: string | null;
}
export interface ToolCall {
    readonly argv: readonly [string, ...string[]];
    /** Milliseconds. */
    readonly timeout: number;
    /** The process that it looks at. */
    readonly pid: number;
    /** What its output tells. */
    readonly read: (stdout: string) => readonly Thread[];
}
/** Asks a tool, in a group of its own, bounded; where the system refuses it, once more through `sudo -n`. */
export declare function askTool(call: ToolCall): Promise<LayerResult>;

/** What a tool said. `error` is set where its words are no answer; they may still help. */
export interface ToolOutput {
    readonly stdout: string;
    readonly stderr: string;
    readonly error: string | null;
}
export interface ToolCall {
    readonly argv: readonly [string, ...string[]];
    /** Milliseconds. */
    readonly timeout: number;
    /** The process that it looks at. */
    readonly pid: number;
}
/** Runs a tool in a group of its own, bounded; where the system refuses it, once more through `sudo -n`. */
export declare function runTool(call: ToolCall): Promise<ToolOutput>;

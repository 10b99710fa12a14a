/**
 * What the watched program controls (names of functions, threads and files, its output) is shown through these.
 * A terminal must not obey it, and neither must a runner that reads the log for workflow commands.
 */
/** One line, whatever it was: nothing in it moves the cursor, and no runner takes it for a command. */
export declare function printable(text: string, limit?: number): string;
/** Several lines, each made `printable`; tabs become blanks, and a line's end stays one. */
export declare function printableLines(text: string): string[];
/** At most `limit` characters, the cut marked. Never splits a surrogate pair. */
export declare function clip(text: string, limit: number): string;
/** Keeps the end, which of a path says more than its start. */
export declare function clipStart(text: string, limit: number): string;
/** Breaks at blanks into lines of at most `width`; a longer word stays whole. None begins as a workflow command. */
export declare function wrap(text: string, width: number): string[];
export declare function plural(count: number, one: string, many?: string): string;

export declare function readOrNull(path: string): string | null;
/** The fields of a `stat` file after the name, which may itself hold spaces and parentheses: field 3 is `[0]`. */
export declare function statFields(stat: string): string[];
/** `R`, `S`, `D`, `T`, `t`, `Z`; null where the process has gone or can't be read. */
export declare function kernelState(pid: number): string | null;
/** Field 22 of `/proc/PID/stat`. */
export declare function startTimeOf(pid: number): string | null;
/** One line of `/proc/PID/status`. */
export declare function statusField(pid: number, name: string): string | null;
/** The number by which it knows itself: another one than ours where it lies in a pid namespace of its own. */
export declare function ownPidOf(pid: number): number;
/** Who traces it, so that nobody else can: 0 for nobody. */
export declare function tracerOf(pid: number): number;
/** Whether a process handles a signal. One that it doesn't handle would end it. */
export declare function catchesSignal(pid: number, signal: number): boolean;
/** Whether every thread of a process has a signal blocked, so that it would only stay pending. */
export declare function blocksSignal(pid: number, signal: number): boolean;

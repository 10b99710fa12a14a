import { type Command } from './waysIn.ts';
/** What a run needs so that the probe is loaded into its interpreters. */
export interface Probe {
    /** To be added to the program's environment, over what stands there. */
    readonly env: Readonly<Record<string, string>>;
    /** Exists and is empty. `parseMarks` reads it. */
    readonly marksFile: string;
    /** Where faulthandler writes, a file named by each pid. */
    readonly dumpFolder: string;
    readonly dumpSignal: number;
}
export interface ProbeOptions extends Command {
    /** Private to this session of exitproof; the parts that don't change by run are written there once. */
    readonly folder: string;
    /** Unique within `folder`; may be used again once its run has ended. */
    readonly run: string;
}
/**
 * Sets the probe up for one run. Nothing is installed: the variables alone bring it in, through the user site (scripts,
 * zipapps, PEX files), PEX's own extra path (its venv layout, which runs isolated), or PYTHONPATH (plain venvs).
 */
export declare function prepareProbe(options: ProbeOptions): Probe;

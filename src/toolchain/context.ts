import type { Log } from '../log.ts';
import type { Environment } from './paths.ts';

/** What every stage that starts tools needs to know of the world. */
export interface ToolContext {
  readonly log: Log;
  /** The caller's own environment; each tool is given a cleaned copy. */
  readonly env: Environment;
  /** A folder of this run alone, for what need not outlive it. */
  readonly work: string;
  /** Once it is aborted no tool is started any more. */
  readonly cancel?: AbortSignal;
  /** The commands that run now are in it, for whoever gives them up. */
  readonly running?: Set<RunningTool>;
}

export interface RunningTool {
  /** What it does, as the beginning of a sentence: "Building the project". */
  readonly what: string;
  /** The last line that it has printed; empty where it has printed none. */
  readonly lastLine: () => string;
}

export interface PrivatePip {
  /** What the interpreter is given to run pip: `PYTHON -I PATH wheel …`. */
  readonly path: string;
  readonly version: string;
}

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

export interface ProbeOptions {
  /** Private to this session of exitproof; the parts that don't change by run are written there once. */
  readonly folder: string;
  /** Unique within `folder`; may be used again once its run has ended. */
  readonly run: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export function prepareProbe(options: ProbeOptions): Probe {
  return {
    env: {},
    marksFile: `${options.folder}/marks-${options.run}`,
    dumpFolder: `${options.folder}/dumps-${options.run}`,
    dumpSignal: 62,
  };
}

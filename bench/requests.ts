import { type EvidenceTools, NO_TOOLS } from '../src/evidence/tools.ts';
import type { RunEvent, WatchRequest } from '../src/watch/request.ts';

export interface Watched {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly teardown?: number;
  readonly tools?: EvidenceTools;
  readonly onEvent?: (event: RunEvent) => void;
}

/** A request with the default deadlines, its output thrown away. */
export function request(watched: Watched): WatchRequest {
  return {
    name: 'bench',
    argv: watched.argv,
    layout: 'executable',
    cwd: process.cwd(),
    env: watched.env,
    stdin: { kind: 'empty' },
    boot: 'warm',
    deadlines: {
      startup: 60_000,
      run: 60_000,
      teardown: watched.teardown ?? 10_000,
      drain: 5_000,
      grace: 2_000,
    },
    observer: 'auto',
    expect: { exitCode: 0, output: null },
    teardownBudget: null,
    packagerFiles: [],
    tools: async () => watched.tools ?? NO_TOOLS,
    secrets: [],
    onOutput: () => undefined,
    onEvent: watched.onEvent ?? (() => undefined),
    cancel: new AbortController().signal,
  };
}

export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

import { NO_TOOLS } from '../../src/evidence/tools.ts';
import type { WatchRequest } from '../../src/watch/request.ts';

/** A request for tests: nothing but the command, and no tools. */
export function watchRequest(argv: readonly string[], changes: Partial<WatchRequest> = {}): WatchRequest {
  const [command, ...rest] = argv;
  if (command === undefined) throw new Error('a command is needed');
  return {
    name: 'test',
    argv: [command, ...rest],
    layout: 'executable',
    cwd: process.cwd(),
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
    stdin: { kind: 'empty' },
    boot: 'warm',
    deadlines: { startup: 60_000, run: 60_000, teardown: 60_000, drain: 5000, grace: 500 },
    observer: 'auto',
    expect: { exitCode: 0, output: null },
    teardownBudget: null,
    packagerFiles: [],
    tools: async () => NO_TOOLS,
    secrets: [],
    onOutput: () => undefined,
    onEvent: () => {},
    cancel: new AbortController().signal,
    ...changes,
  };
}

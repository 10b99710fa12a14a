import { join } from 'node:path';
import { afterAll, type TestContext } from 'vitest';
import type { EvidenceTools } from '../../src/evidence/tools.ts';
import type { Log } from '../../src/log.ts';
import { evidenceTools } from '../../src/toolchain/evidenceTools.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import type { WatchedRun, WatchRequest } from '../../src/watch/request.ts';
import { openSession, type WatchSession } from '../../src/watch/session.ts';
import { anyPython } from './pythons.ts';
import { watchRequest } from './request.ts';
import { need } from './skips.ts';
import { temporaryFolder } from './tmp.ts';

const programs = join(import.meta.dirname, '..', 'fixtures', 'programs');

/** Of `test/fixtures/programs`. */
export function program(name: string): string {
  return join(programs, name);
}

export function somePython(context: TestContext): string {
  return need(context, 'Python', anyPython());
}

/** Short enough for a test, long enough for a loaded machine to start Python in. */
export const SHORT = { startup: 10_000, run: 4000, teardown: 1500, drain: 1000, grace: 500 };

const QUIET: Log = {
  stage: (_title, body) => body(),
  info: () => {},
  debug: () => {},
  notice: () => {},
  warning: () => {},
  passthrough: () => {},
};

let tools: Promise<EvidenceTools> | undefined;

/** py-spy, pystack and gdb, as exitproof itself installs them. */
export function realTools(): Promise<EvidenceTools> {
  tools ??= findInterpreter({
    python: anyPython(),
    project: null,
    requiresPython: null,
    path: process.env['PATH'] ?? '',
    env: process.env,
  }).then((interpreter) =>
    evidenceTools(interpreter, { log: QUIET, env: process.env, work: temporaryFolder('tools') }),
  );
  return tools;
}

let session: WatchSession | undefined;

afterAll(async () => {
  await session?.close();
  session = undefined;
});

/** One run; those of a test file share a session. */
export function watched(argv: readonly string[], changes: Partial<WatchRequest> = {}): Promise<WatchedRun> {
  session ??= openSession({ folder: temporaryFolder('session') });
  return session.watch(watchRequest(argv, { deadlines: SHORT, tools: realTools, ...changes }));
}

import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { portable } from '../../src/watch/portable.ts';
import type { WatchedRun, WatchRequest } from '../../src/watch/request.ts';
import { openSession } from '../../src/watch/session.ts';
import { endProcessesWith, processesLeft } from '../support/processes.ts';
import { watchRequest } from '../support/request.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython } from '../support/watching.ts';

/** What other systems have, on this one: real processes, but neither `/proc` nor any tool that needs it. */
const SYSTEMS = ['darwin', 'win32'] as const;
type System = (typeof SYSTEMS)[number];

const needles: string[] = [];

/** A double of Windows' own command: ends a process and all that it has started. */
function taskkill(): void {
  const folder = temporaryFolder('taskkill');
  const file = join(folder, 'taskkill');
  const script = `#!/bin/sh
[ "$1 $3 $4" = '/pid /T /F' ] && [ "$2" -gt 1 ] || exit 1
end() {
  kill -STOP "$1"
  for child in $(ps -o pid= --ppid "$1"); do [ "$child" -gt 1 ] && end "$child"; done
  kill -KILL "$1"
}
end "$2" 2>/dev/null
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const needle of needles.splice(0)) endProcessesWith(needle);
});

async function watched(
  system: System,
  argv: readonly string[],
  changes: Partial<WatchRequest> = {},
): Promise<WatchedRun> {
  const cwd = temporaryFolder(system);
  needles.push(cwd);
  if (system === 'win32') taskkill();
  // A place of its own: by this system's start times every other guard of the machine would look dead.
  vi.stubEnv('TMPDIR', cwd);
  const session = openSession({ platform: portable(system) });
  const run = await session.watch(watchRequest(argv, { cwd, deadlines: SHORT, ...changes }));
  await session.close();
  expect(await processesLeft(cwd)).toEqual([]);
  return run;
}

describe.each(SYSTEMS)('with what %s has', (system) => {
  test.for([
    ['pass', { verdict: 'passed', exitCode: 0 }],
    ['raise SystemExit(3)', { verdict: 'failed', exitCode: 3 }],
    ['import os; os.abort()', { verdict: 'crashed', signal: 'SIGABRT' }],
  ] as const)('an end is told: %s', async ([code, ending], context) => {
    const run = await watched(system, [somePython(context), '-c', code]);
    expect(run).toMatchObject({ ...ending, left: [] });
    expect(run.timings.run).toBeGreaterThan(0);
  });

  test.for(['run', 'threading-shutdown', 'atexit', 'finalization', 'native-exit'])(
    'a stall is told by the marks, and named by the program itself: %s',
    async (phase, context) => {
      const run = await watched(system, [somePython(context), program('stall.py'), phase]);
      expect(run).toMatchObject({ verdict: 'stalled', phase, observer: 'probe', left: [] });
      expect(run.evidence.map(({ source }) => source)).toEqual(['faulthandler']);
      const frames = run.evidence.flatMap(({ threads }) => threads.flatMap((thread) => thread.frames));
      if (phase !== 'native-exit') expect(frames.map((frame) => frame.function)).toContain('linger');
    },
  );

  test('a stall without the probe is one of which nobody knows the phase', async (context) => {
    const stall = [somePython(context), program('stall.py'), 'atexit'];
    const run = await watched(system, stall, { observer: 'none' });
    expect(run).toMatchObject({ verdict: 'stalled', phase: null, observer: 'none', evidence: [], left: [] });
  });

  test.for(['ignoring', 'blocking', 'stopped'])('what will not go is ended: %s', async (way, context) => {
    const run = await watched(system, [somePython(context), program('stubborn.py'), way], {
      deadlines: { ...SHORT, run: 1500 },
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'run' });
    expect(run.left.filter(({ ended }) => !ended)).toEqual([]);
  });

  test('a program is ended with what it has started', async () => {
    const run = await watched(system, ['sh', '-c', 'sleep 600 & sleep 600'], {
      deadlines: { ...SHORT, run: 1500 },
    });
    expect(run).toMatchObject({ verdict: 'stalled', left: [] });
  });

  test('a cancel says where the run was', async (context) => {
    const cancel = new AbortController();
    const run = await watched(system, [somePython(context), program('stall.py'), 'threading-shutdown'], {
      deadlines: { ...SHORT, teardown: 60_000 },
      cancel: cancel.signal,
      onEvent: (event) => {
        if (event.kind === 'phase' && event.phase === 'threading-shutdown') cancel.abort('SIGTERM');
      },
    });
    expect(run).toMatchObject({ verdict: 'cancelled', phase: 'threading-shutdown', left: [] });
  });
});

test('without descriptors to look at, a leak has no holder that could be named', async (context) => {
  const argv = [somePython(context), program('detach.py'), 'holding', 'session', 'slowly'];
  const run = await watched('darwin', argv);
  expect(run).toMatchObject({ verdict: 'leaked', phase: 'descendants', exitCode: 0 });
  expect(run.reason).toContain('not visible');
});

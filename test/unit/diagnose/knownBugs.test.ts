import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DiagnosisRequest, diagnose } from '../../../src/diagnose/diagnose.ts';
import {
  AIOSQLITE_OPEN,
  DAEMON_JOINED_87135,
  has146313,
  OPENTELEMETRY_EXPORT,
  POOL_WITHOUT_WORKERS_115634,
  THREAD_IN_DEL_87950,
  TQDM_MONITOR,
  TRACKER_146313,
} from '../../../src/diagnose/knownBugs.ts';
import type { Frame, Phase, Thread } from '../../../src/report/model.ts';
import { pythons } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { watched } from '../../support/watching.ts';
import { recorded, requestOf } from './recorded.ts';

const PROGRAM = `
import threading

class Client:
    def close(self):
        threading.Thread(target=print).start()

    def __del__(self):
        self.close()

client = Client()
`;

test.each(pythons())('a thread started in __del__ on CPython $version', async ({ version, path }) => {
  const file = join(temporaryFolder('del-thread'), 'main.py');
  writeFileSync(file, PROGRAM);
  const { motion, awaited, ...run } = await watched([path, file]);
  if (['3.8', '3.9', '3.10', '3.11'].includes(version)) {
    const diagnosis = diagnose({ run, motion, awaited, python: null, project: null, packagerFiles: [] });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'finalization' });
    expect(diagnosis).toMatchObject({
      cause: 'del-handler',
      summary: expect.stringContaining('CPython issue 87950'),
      remedy: THREAD_IN_DEL_87950.remedy,
      guilty: { function: 'close' },
    });
  } else {
    expect(run.verdict).toBe('passed');
  }
});

const JOINS = `
import threading, time

class Writer:
    def __init__(self):
        self.thread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
        self.thread.start()

    def __del__(self):
        self.thread.join()

writer = Writer()
`;

test.each(pythons())('a daemon thread joined in __del__ on CPython $version', async ({ version, path }) => {
  const file = join(temporaryFolder('del-join'), 'main.py');
  writeFileSync(file, JOINS);
  const { motion, awaited, ...run } = await watched([path, file]);
  if (['3.8', '3.13'].includes(version)) {
    const diagnosis = diagnose({ run, motion, awaited, python: null, project: null, packagerFiles: [] });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'finalization' });
    expect(diagnosis).toMatchObject({
      cause: 'del-handler',
      summary: expect.stringContaining('CPython issue 87135'),
      remedy: DAEMON_JOINED_87135.remedy,
      guilty: { function: '__del__' },
    });
  } else {
    expect(run.verdict).toBe('passed');
  }
});

const POOL = `
import os, sys
from concurrent.futures import ProcessPoolExecutor

if __name__ == "__main__":
    with ProcessPoolExecutor(1, max_tasks_per_child=2) as pool:
        jobs = [pool.submit(os.getpid) for _ in range(10)]
        if sys.argv[1:]:
            jobs[-1].result()
`;

/** 3.13 and later were mended in one of their later releases. */
const FOR_GOOD = ['3.11', '3.12'];
const POOLS = pythons()
  .filter(({ version }) => Number(version.split('.')[1]) >= 11)
  .flatMap((python, at) => (at === 0 ? [[], ['wait']] : [['wait']]).map((args) => ({ ...python, args })));

test.each(POOLS)(
  'a pool that has used up its processes on CPython $version $args',
  async ({ version, path, args }) => {
    const checkout = temporaryFolder('pool');
    const file = join(checkout, 'main.py');
    writeFileSync(file, POOL);
    const { motion, awaited, python, ...run } = await watched([path, file, ...args]);
    if (run.verdict === 'passed' && !FOR_GOOD.includes(version)) return;
    const about = { run, motion, awaited, python, packagerFiles: [] };
    const project = { checkout, distribution: null, files: ['main.py'] };
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'run' });
    expect(diagnose({ ...about, project })).toMatchObject({
      cause: 'executor-process',
      summary: expect.stringContaining('CPython issue 115634'),
      remedy: POOL_WITHOUT_WORKERS_115634.remedy,
    });
    // Without its source, or on an older Python, it may be any other pool that waits.
    for (const unsure of [
      { ...about, project: null },
      { ...about, project, python: '3.10.13' },
    ]) {
      const diagnosis = diagnose(unsure);
      expect(diagnosis?.remedy).not.toBe(POOL_WITHOUT_WORKERS_115634.remedy);
      expect(diagnosis?.summary).not.toContain('a job that is still in');
    }
    writeFileSync(file, POOL.replace('max_tasks_per_child=2', 'max_tasks_per_child=1'));
    expect(diagnose({ ...about, project })?.remedy).not.toBe(POOL_WITHOUT_WORKERS_115634.remedy);
  },
);

/** As trackers show them: `function file`, innermost first. */
function request(phase: Phase, ...stacks: readonly (readonly string[])[]): DiagnosisRequest {
  const base = requestOf(recorded('thread_sleep'), null);
  const [first] = base.run.evidence;
  if (first === undefined) throw new Error('a recording without evidence');
  const frame = (text: string): Frame => {
    const [name = '', file = ''] = text.split(' ');
    return { function: name, file, line: 1 };
  };
  const threads = stacks.map(
    (frames, index): Thread => ({
      name: null,
      tid: 100 + index,
      main: index === 0,
      frames: frames.map(frame),
    }),
  );
  return { ...base, run: { ...base.run, phase, evidence: [{ ...first, source: 'py-spy', threads }] } };
}

const LIB = '/py/lib/python3.12';
const SITE = `${LIB}/site-packages`;
const THREAD = [
  `run ${LIB}/threading.py`,
  `_bootstrap_inner ${LIB}/threading.py`,
  `_bootstrap ${LIB}/threading.py`,
];
const SHUTDOWN = [`_shutdown ${LIB}/threading.py`];

describe("an aiosqlite connection that wasn't closed", () => {
  test.each([
    ['0.22', ['get', `_connection_worker_thread ${SITE}/aiosqlite/core.py`, ...THREAD]],
    [
      '0.21',
      [
        `wait ${LIB}/threading.py`,
        `get ${LIB}/queue.py`,
        `run ${SITE}/aiosqlite/core.py`,
        ...THREAD.slice(1),
      ],
    ],
  ])('of version %s is named', (_version, worker) => {
    expect(diagnose(request('threading-shutdown', SHUTDOWN, worker))).toMatchObject({
      cause: 'queue-consumer',
      remedy: AIOSQLITE_OPEN.remedy,
    });
  });

  test('is no cause where another thread is waited for', () => {
    const other = ['work /app/main.py', ...THREAD];
    const worker = [`run ${SITE}/aiosqlite/core.py`, ...THREAD.slice(1)];
    const both = {
      ...request('threading-shutdown', SHUTDOWN, worker, other),
      awaited: [{ tid: 102, key: '' }],
    };
    expect(diagnose(both)).toMatchObject({ cause: 'nondaemon-thread', guilty: { function: 'work' } });
  });
});

describe("tqdm's monitor at exit", () => {
  const main = [
    `_wait_for_tstate_lock ${LIB}/threading.py`,
    `join ${LIB}/threading.py`,
    `exit ${SITE}/tqdm/_monitor.py`,
  ];
  const monitor = [`acquire ${SITE}/tqdm/std.py`, `run ${SITE}/tqdm/_monitor.py`, ...THREAD.slice(1)];

  test('is named with the way around it', () => {
    expect(diagnose(request('atexit', main, monitor))).toMatchObject({
      cause: 'atexit-handler',
      remedy: TQDM_MONITOR.remedy,
    });
  });

  test('is no cause of what another handler does', () => {
    const handler = ['recv /app/main.py', 'bye /app/main.py'];
    expect(diagnose(request('atexit', handler, monitor))?.remedy).not.toBe(TQDM_MONITOR.remedy);
  });
});

describe("OpenTelemetry's last export at exit", () => {
  const join = [`_wait_for_tstate_lock ${LIB}/threading.py`, `join ${LIB}/threading.py`];
  const worker = [
    'export /app/main.py',
    `worker ${SITE}/opentelemetry/sdk/trace/export/__init__.py`,
    ...THREAD,
  ];

  test.each([
    ['1.27', 'trace/export/__init__.py'],
    ['1.41', '_shared_internal/__init__.py'],
    ['of logs', '_logs/_internal/export/__init__.py'],
  ])('is named, of version %s', (_version, file) => {
    const main = [
      ...join,
      `shutdown ${SITE}/opentelemetry/sdk/${file}`,
      `shutdown ${SITE}/opentelemetry/sdk/trace/__init__.py`,
    ];
    expect(diagnose(request('atexit', main, worker))).toMatchObject({
      cause: 'atexit-handler',
      remedy: OPENTELEMETRY_EXPORT.remedy,
      guilty: { function: 'export' },
    });
  });

  test('is no cause where a handler of the program waits beside it', () => {
    const main = [...join, 'bye /app/main.py'];
    expect(diagnose(request('atexit', main, worker))?.remedy).not.toBe(OPENTELEMETRY_EXPORT.remedy);
  });
});

const FORKS = `
import os, time
from multiprocessing import shared_memory

shared = shared_memory.SharedMemory(create=True, size=16)
if os.fork() == 0:
    os.close(1)
    os.close(2)
    time.sleep(1000)
shared.close()
shared.unlink()
`;

describe("multiprocessing's resource tracker, whose pipe a forked child holds", () => {
  const tracker = `${LIB}/multiprocessing/resource_tracker.py`;
  const stack = [`_stop_locked ${tracker}`, `_stop ${tracker}`, `__del__ ${tracker}`];
  const on = (python: string | null, main: readonly string[]) =>
    diagnose({ ...request('finalization', main), python });

  test.each(pythons())('is named on CPython $version where it has the bug', async ({ version, path }) => {
    const file = join(temporaryFolder('tracker'), 'main.py');
    writeFileSync(file, FORKS);
    const { motion, awaited, python, ...run } = await watched([path, file]);
    const [, minor = 0, micro = 0] = (python ?? version).split('.').map(Number);
    const diagnosis = diagnose({ run, motion, awaited, python, project: null, packagerFiles: [] });
    if (has146313([3, minor, micro])) {
      expect(run).toMatchObject({ verdict: 'stalled', phase: 'finalization' });
      expect(diagnosis).toMatchObject({
        cause: 'del-handler',
        summary: expect.stringMatching(/before child process \d+ has: it is in <module>\(\) .*146313/u),
        remedy: TRACKER_146313.remedy,
      });
    } else {
      // Before it the tracker stays behind, and with it the output; after it the child gives the pipe back.
      expect(run.verdict, run.reason).toMatch(/^(?:leaked|passed)$/u);
    }
  });

  test.each(['3.12.10', '3.13.3', '3.13.13', '3.14.0', '3.14.4'])('is named on %s', (python) => {
    expect(on(python, stack)).toMatchObject({ cause: 'del-handler', remedy: TRACKER_146313.remedy });
  });

  test.each(['3.11.7', '3.12.9', '3.13.2', '3.13.14', '3.14.5', null])('is no cause on %s', (python) => {
    expect(on(python, stack)?.remedy).not.toBe(TRACKER_146313.remedy);
  });

  test('is no cause where a __del__ of the program stands around it', () => {
    expect(on('3.13.5', [...stack, '__del__ /app/main.py'])?.remedy).not.toBe(TRACKER_146313.remedy);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DiagnosisRequest, diagnose } from '../../../src/diagnose/diagnose.ts';
import { AIOSQLITE_OPEN, THREAD_IN_DEL_87950, TQDM_MONITOR } from '../../../src/diagnose/knownBugs.ts';
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

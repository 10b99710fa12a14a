import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDiagnosis } from '../../../src/diagnose/diagnose.ts';
import { nameKey } from '../../../src/evidence/marks.ts';
import { pythons } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { watched } from '../../support/watching.ts';
import { recorded, requestOf } from './recorded.ts';

const PROGRAM = `
import threading, time

def poll():
    while True: time.sleep(60)

def upload():
    time.sleep(60)

class Poller(threading.Thread):
    def __init__(self):
        super().__init__()
        self.daemon = True
    def run(self): poll()

for _ in range(2): Poller().start()
threading.Thread(target=upload).start()
for _ in range(2): Poller().start()
`;

describe.each(pythons())('on CPython $version', ({ path }) => {
  test('of threads that all run user code the one that is no daemon is blamed, in each tool', async () => {
    const file = join(temporaryFolder('awaited'), 'main.py');
    writeFileSync(file, PROGRAM);
    const { motion, awaited, ...run } = await watched([path, file]);
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'threading-shutdown' });
    expect(awaited).toHaveLength(1);
    const request = { run, motion, awaited, python: null, project: null, packagerFiles: [] };
    const record = withDiagnosis(request);
    expect(record.diagnosis).toMatchObject({ cause: 'nondaemon-thread', guilty: { function: 'upload' } });
    expect(record).not.toHaveProperty('awaited');
    const blamed = record.evidence.flatMap(({ source, threads }) =>
      threads.filter(({ guilty }) => guilty === true).map((thread) => ({ source, thread })),
    );
    expect(blamed.map(({ source }) => source)).toEqual(expect.arrayContaining(['py-spy', 'pystack']));
    for (const { thread } of blamed) {
      expect(thread.frames.map((frame) => frame.function)).toContain('upload');
      expect([awaited?.[0]?.tid, null]).toContain(thread.tid);
    }
    expect(JSON.stringify(run.evidence)).not.toContain('exitproof_probe');
  });
});

describe('what the probe told of the threads', () => {
  const request = requestOf(recorded('more/pool_thread'), null);
  const threads = request.run.evidence.flatMap((evidence) => evidence.threads);
  const blamedFor = (awaited: typeof request.awaited) =>
    withDiagnosis({ ...request, awaited }).diagnosis?.guilty?.function;
  const running = (name: string) =>
    threads.find(({ tid, frames }) => tid !== null && frames.some((frame) => frame.function === name))?.tid ??
    0;

  test('decides by the id', () => {
    expect(blamedFor([{ tid: running('stay'), key: '' }])).toBe('stay');
    expect(blamedFor([{ tid: running('noise'), key: '' }])).toBe('noise');
  });

  test('blames no thread where all are daemons', () => {
    expect(['stay', 'noise']).not.toContain(blamedFor([]));
  });

  test('counts by name where the tools gave no id', () => {
    const evidence = request.run.evidence
      .filter(({ source }) => source === 'py-spy')
      .map((one) => ({ ...one, threads: one.threads.map((thread) => ({ ...thread, tid: null })) }));
    const name = evidence[0]?.threads.find(({ frames }) =>
      frames.some((frame) => frame.function === 'noise'),
    )?.name;
    const awaited = [{ tid: 1, key: nameKey(name ?? '') }];
    const run = { ...request.run, evidence };
    expect(withDiagnosis({ ...request, run, awaited }).diagnosis?.guilty?.function).toBe('noise');
  });

  test('counts for nothing where none of them is there', () => {
    expect(blamedFor([{ tid: 1, key: '' }])).toBe(blamedFor(null));
  });
});

import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src/report/model.ts';
import { type Repetition, repeat } from '../../../src/soak/repeat.ts';
import { PASSED_RUN, STALLED_RUN } from '../report/sample.ts';

interface Seen {
  readonly boots: RunRecord['boot'][];
  readonly ended: RunRecord[];
  most: number;
}

/** Runs that last a turn of the event loop each. */
async function repeated(
  endings: (index: number) => RunRecord,
  options: Partial<Repetition> = {},
): Promise<Seen> {
  const seen: Seen = { boots: [], ended: [], most: 0 };
  let now = 0;
  await repeat({
    target: { kind: 'runs', runs: 10 },
    concurrency: 1,
    stopAtFirst: false,
    boot: 'cold',
    watch: async (boot) => {
      const index = seen.boots.push(boot) - 1;
      now += 1;
      seen.most = Math.max(seen.most, now);
      await new Promise(setImmediate);
      now -= 1;
      return endings(index);
    },
    onRun: (run) => seen.ended.push(run),
    cancel: new AbortController().signal,
    ...options,
  });
  return seen;
}

const passed = () => PASSED_RUN;

describe('a repeated run', () => {
  test('boots cold once, alone, then warm as often as asked', async () => {
    const seen = await repeated(passed, { concurrency: 3 });
    expect(seen.boots).toEqual(['cold', ...Array.from({ length: 9 }, () => 'warm')]);
    expect(seen.ended).toHaveLength(10);
    expect(seen.most).toBe(3);
  });

  test('goes on past a stall, unless it is to stop at the first', async () => {
    const third = (index: number) => (index === 2 ? STALLED_RUN : PASSED_RUN);
    expect((await repeated(third)).ended).toHaveLength(10);
    expect((await repeated(third, { stopAtFirst: true })).ended).toHaveLength(3);
  });

  test('is not repeated where it did not start', async () => {
    const seen = await repeated(() => ({ ...PASSED_RUN, verdict: 'not-started' }));
    expect(seen.ended).toHaveLength(1);
  });

  test('lasts for a time, and runs once however short that is', async () => {
    const short = await repeated(passed, { target: { kind: 'time', milliseconds: 0.001 } });
    expect(short.ended).toHaveLength(1);
    const longer = await repeated(passed, { target: { kind: 'time', milliseconds: 100 }, concurrency: 2 });
    expect(longer.ended.length).toBeGreaterThan(2);
  });

  test('begins no further run once it is cancelled', async () => {
    const cancel = new AbortController();
    const seen = await repeated(
      (index) => {
        if (index === 3) cancel.abort('SIGTERM');
        return PASSED_RUN;
      },
      { cancel: cancel.signal },
    );
    expect(seen.ended).toHaveLength(4);
  });

  test('ends with a fault of ours, after the runs that go on beside it', async () => {
    const ended: RunRecord[] = [];
    const failing = repeated(
      (index) => {
        if (index === 4) throw new Error('broken');
        return PASSED_RUN;
      },
      { concurrency: 2, onRun: (run) => ended.push(run) },
    );
    await expect(failing).rejects.toThrow('broken');
    expect(ended.length).toBeLessThanOrEqual(6);
  });
});

import { expect, test } from 'vitest';
import { limited } from '../../../src/job/limit.ts';

const running = new Set([{ what: 'Building the wheels', lastLine: () => 'waiting for a licence' }]);
const never = () => new Promise<never>(() => {});

test('work that is late is given up by name, and its own signal alone is aborted', async () => {
  const { signal: cancel } = new AbortController();
  const signals: AbortSignal[] = [];
  const late = limited(
    (stop) => {
      signals.push(stop);
      return never();
    },
    { limit: 20, running, cancel },
  );
  await expect(late).rejects.toThrow(
    'the build did not end in 20ms and was given up, at: Building the wheels (its last words: waiting for a licence)',
  );
  const options = { limit: 60_000, running, cancel };
  const next = await limited(async (stop) => {
    signals.push(stop);
    return 'done';
  }, options);
  expect(next).toBe('done');
  expect(signals.map(({ aborted, reason }) => [aborted, reason])).toEqual([
    [true, 'build-timeout'],
    [false, undefined],
  ]);
});

test.each([[null], [60_000]])('a cancelled job ends the work, of whatever limit: %j', async (limit) => {
  const job = new AbortController();
  const signals: AbortSignal[] = [];
  const cancelled = limited(
    (stop) => {
      signals.push(stop);
      return never();
    },
    { limit, running, cancel: job.signal },
  );
  job.abort('SIGINT');
  await expect(cancelled).rejects.toThrow('cancelled by SIGINT');
  expect(signals[0]?.aborted).toBe(true);
});

test('what the work throws is what is told', async () => {
  const { signal: cancel } = new AbortController();
  const failed = limited(() => Promise.reject(new Error('no such wheel')), {
    limit: 60_000,
    running,
    cancel,
  });
  await expect(failed).rejects.toThrow('no such wheel');
});

import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../src/soak/target.ts';

describe('the target of a soak', () => {
  test('of a percentage is as many runs as prove it', () => {
    expect(targetOf({ soak: { kind: 'share', share: 0.01 }, shard: null }, 2)).toEqual({
      kind: 'runs',
      runs: 299,
    });
  });

  test('of a time is shared out', () => {
    expect(targetOf({ soak: { kind: 'time', milliseconds: 60_000 }, shard: null }, 4)).toEqual({
      kind: 'time',
      milliseconds: 15_000,
    });
  });

  test.each([
    [299, 3],
    [10, 4],
    [256, 256],
    [1000, 7],
  ])('of %i runs in %i shards is all of them, in parts that differ by one at most', (runs, of) => {
    const parts = Array.from({ length: of }, (_, index) => {
      const target = targetOf({ soak: { kind: 'runs', runs }, shard: { index: index + 1, of } }, 1);
      return target.kind === 'runs' ? target.runs : 0;
    });
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(runs);
    expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
  });

  test('leaves no shard without a run', () => {
    const target = targetOf({ soak: { kind: 'runs', runs: 2 }, shard: { index: 1, of: 5 } }, 1);
    expect(target).toEqual({ kind: 'runs', runs: 1 });
  });
});

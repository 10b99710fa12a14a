import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/settings/types/duration.ts';

const DAY = 86_400_000;

describe('a duration', () => {
  test.each([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['2h', 7_200_000],
    ['90s', 90_000],
    ['1h1m1s1ms', 3_661_001],
    ['24h', DAY],
  ])('%s is %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: milliseconds });
  });

  test.each(['10', '', 's', '1.5s', '10 s', '10S', '10sec', '30s1m', 'forever', '1m 30s', '１0s', '1e3s'])(
    'is not “%s”',
    (text) => {
      expect(parseDuration(text)).toEqual({ ok: false });
    },
  );

  test.each(['0s', '0ms', '0h0m', '-1s', '-10'])('of %s says that it must be above zero', (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, takes: 'a duration above zero, such as 10s' });
  });

  test.each(['25h', '24h1ms', '99999999999999999999h', '2000000m'])('of %s is too long', (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, takes: 'a duration of at most 24h' });
  });

  test('comes back from its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: DAY }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toEqual({ ok: true, value: milliseconds });
      }),
    );
  });
});

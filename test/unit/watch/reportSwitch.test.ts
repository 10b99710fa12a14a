import { describe, expect, test } from 'vitest';
import { reportSwitch, reportsCrashes } from '../../../src/watch/reportSwitch.ts';

const told = (env: Readonly<Record<string, string>>, ...options: string[]) =>
  ({ observer: 'sampler', env, argv: ['/usr/bin/python3', ...options, 'main.py'] }) as const;

describe("CPython's switch for reports of crashes", () => {
  test('is set where nothing else tells where a program crashed', () => {
    expect(reportSwitch(told({}))).toEqual({ PYTHONFAULTHANDLER: '1' });
    for (const observer of ['auto', 'probe', 'none'] as const) {
      expect(reportSwitch({ ...told({}), observer })).toEqual({});
    }
  });

  test('stays as the user has set it, even to nothing', () => {
    expect(reportSwitch(told({ PYTHONFAULTHANDLER: '' }))).toEqual({});
    expect(reportsCrashes(told({ PYTHONFAULTHANDLER: '' }))).toBe(false);
    expect(reportsCrashes({ ...told({ PYTHONFAULTHANDLER: '1' }), observer: 'auto' })).toBe(true);
  });

  test.each([
    [[], true],
    [['-S'], true],
    [['-I'], false],
    [['-sE'], false],
    [['-X', 'utf8', '-I'], false],
    [['-W', 'error'], true],
  ] as const)('reaches an interpreter with %j: %s', (options, reaches) => {
    expect(reportsCrashes(told({}, ...options))).toBe(reaches);
  });
});

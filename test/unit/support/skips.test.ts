import { expect, test } from 'vitest';
import { need, skipLine } from '../../support/skips.ts';

test('the last line counts what was skipped, each reason once', () => {
  expect(skipLine([])).toBe('skipped: 0');
  expect(
    skipLine(['gdb: not on this machine', 'Python 3.8: not on this machine', 'gdb: not on this machine']),
  ).toBe('skipped: 3 (gdb: not on this machine ×2; Python 3.8: not on this machine)');
});

test('what is there is handed through', (context) => {
  expect(need(context, 'a number', 0)).toBe(0);
});

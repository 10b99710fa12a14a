import { describe, expect, test } from 'vitest';
import { isSame } from '../../../src/layout/memory/stamp.ts';

describe('two looks at a file', () => {
  const STAMP = { device: 1, inode: 2, names: 1, size: 3, mode: 0o100644, mtime: 4, ctime: 5 };

  test('are the same where nothing differs', () => {
    expect(isSame(STAMP, { ...STAMP })).toBe(true);
  });

  test.each(Object.keys(STAMP))('are not where only this differs: %s', (key) => {
    expect(isSame(STAMP, { ...STAMP, [key]: 9 })).toBe(false);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statsOf } from '../../src/stats.ts';
import { temporaryFolder } from '../support/tmp.ts';

test('below a file there is nothing, as where nothing is: Node 20 alone would throw', () => {
  const folder = temporaryFolder('stats');
  const archive = join(folder, 'app.pyz');
  writeFileSync(archive, '');
  expect(statsOf(archive)?.isFile()).toBe(true);
  expect(statsOf(join(archive, 'main.py'))).toBeNull();
  expect(statsOf(join(folder, 'other.pyz'))).toBeNull();
});

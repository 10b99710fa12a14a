import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { python, pythons } from '../../support/pythons.ts';

test('each interpreter that is found is of the version it is found for', () => {
  const told = pythons().map(({ path }) =>
    spawnSync(path, ['-I', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' }),
  );
  expect(told.map(({ stdout }) => stdout.trim())).toEqual(pythons().map(({ version }) => version));
});

test('one that is nowhere is null', () => {
  expect(python('3.99')).toBeNull();
});

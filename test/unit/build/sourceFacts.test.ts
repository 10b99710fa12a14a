import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scriptsIn } from '../../../src/build/sourceFacts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exitproof-facts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('scriptsIn', () => {
  test('gives the files that could be an entry, those of the usual names first', () => {
    const names = [
      'zeta.py',
      'alpha.py',
      'main.py',
      'conftest.py',
      'test_main.py',
      '__init__.py',
      'notes.txt',
    ];
    for (const name of names) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'package.py'));
    expect(scriptsIn(folder)).toEqual(['main.py', 'alpha.py', 'zeta.py']);
  });
});

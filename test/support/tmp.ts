import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is gone after the test file. Its name is unlike any other's: usable as a needle. */
export function temporaryFolder(label = 'test'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `exitproof-${label}-`)));
  made.push(folder);
  return folder;
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { restoreByKey } from '../../../src/cache/restoreByKey.ts';
import { temporaryFolder } from '../../support/tmp.ts';

it.each<[string, (path: string) => void]>([
  ['nothing', () => {}],
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe that nobody writes to', (path) => execFileSync('mkfifo', [path])],
])('where the archive is %s, there is none, and nothing is waited for', async (_, make) => {
  const folder = temporaryFolder('restore');
  const file = join(folder, 'app.tar.gz');
  make(file);
  const restored = await restoreByKey({
    source: { kind: 'archive', file },
    destination: join(folder, 'app'),
    python: null,
    cancel: new AbortController().signal,
  });
  expect(restored).toEqual({ result: 'miss', reason: `there is no archive ${file}` });
  expect(readdirSync(folder)).not.toContain('app');
});

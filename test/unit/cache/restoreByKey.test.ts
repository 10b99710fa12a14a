import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { restoreByKey } from '../../../src/cache/restoreByKey.ts';
import { temporaryFolder } from '../../support/tmp.ts';

it.each<[string, string, (path: string) => void]>([
  ['nothing', 'there is no archive FILE', () => {}],
  ['a folder', 'FILE is no file', (path) => mkdirSync(path)],
  ['a pipe that nobody writes to', 'FILE is no file', (path) => execFileSync('mkfifo', [path])],
])('where the archive is %s, that is said, and nothing is waited for', async (_, says, make) => {
  const folder = temporaryFolder('restore');
  const file = join(folder, 'app.tar.gz');
  make(file);
  const restored = await restoreByKey({
    source: { kind: 'archive', file },
    destination: join(folder, 'app'),
    python: async () => null,
    cancel: new AbortController().signal,
  });
  expect(restored).toEqual({ result: 'miss', reason: says.replace('FILE', file) });
  expect(readdirSync(folder)).not.toContain('app');
});

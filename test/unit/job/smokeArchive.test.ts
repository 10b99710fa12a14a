import { expect, test } from 'vitest';
import { notStarted } from '../../../src/job/smokeArchive.ts';

const tar = { tool: '/bin/tar', args: ['-xf', 'app.tar.gz'] };

test.each([
  [
    'gzip: stdin: not in gzip format\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now\n',
  ],
  ['gzip: stdin: not in gzip format\ntar: Exiting with failure status due to previous errors\n'],
])('an archive that could not be unpacked says why, not that it failed: %j', (stderr) => {
  const run = notStarted('venv', tar, { exitCode: 2, stdout: 'app/bin\n', stderr }, []);
  expect(run).toMatchObject({
    verdict: 'not-started',
    from: 'archive',
    name: 'tar',
    reason: 'not started: gzip: stdin: not in gzip format',
  });
});

test('a tool that said nothing is told by its exit code, and no secret is told at all', () => {
  const silent = { exitCode: 2, stdout: '', stderr: '' };
  expect(notStarted('venv', tar, silent, []).reason).toBe('not started: exit code 2');
  const spoken = notStarted('venv', tar, { ...silent, stderr: 'relocate: s3cr3t-word\n' }, ['s3cr3t-word']);
  expect(JSON.stringify(spoken)).not.toContain('s3cr3t-word');
});

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHIVE_FORMATS, type ArchiveFormat, writeArchive } from '../../../src/archive/archive.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { snapshot } from '../layout/tree.ts';

/** The same tree each time, but made at another time, in another order, in another folder. */
function plantAt(folder: string, order: 1 | -1, time: number): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  chmodSync(join(folder, 'empty'), 0o750);
  mkdirSync(join(folder, `${'long/'.repeat(30)}deep`), { recursive: true });
  const files: [string, string, number][] = [
    ['bin/run', '#!/bin/sh\necho ran\n', 0o755],
    ['data.txt', 'x'.repeat(100_000), 0o644],
    ['read-only', 'r', 0o444],
    ['é', 'not ASCII', 0o600],
    [`${'long/'.repeat(30)}deep/file`, '', 0o644],
  ];
  for (const [path, text, mode] of order === 1 ? files : files.toReversed()) {
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
    utimesSync(join(folder, path), time, time);
  }
  symlinkSync('run', join(folder, 'bin/alias'));
  symlinkSync('nowhere', join(folder, 'dangling'));
}

function archived(format: ArchiveFormat, order: 1 | -1, time: number) {
  const root = temporaryFolder('archive');
  plantAt(join(root, 'tree'), order, time);
  const destination = join(root, `out/app.${format}`);
  const options = { folder: join(root, 'tree'), format, destination, root: 'app', epoch: 1_700_000_001 };
  return { root, done: writeArchive(options) };
}

const hasUnzip = spawnSync('unzip', ['-v']).status === 0;

describe.each(ARCHIVE_FORMATS)('an archive as %s', (format) => {
  it('is the same, byte for byte, from another folder, at another time, in another time zone', async () => {
    const zone = process.env['TZ'];
    try {
      process.env['TZ'] = 'Pacific/Kiritimati';
      const first = await archived(format, 1, 1_600_000_000).done;
      process.env['TZ'] = 'America/Los_Angeles';
      const second = await archived(format, -1, 1_650_000_000).done;
      expect(second.sha256).toBe(first.sha256);
      expect(readFileSync(second.path).equals(readFileSync(first.path))).toBe(true);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it.skipIf(format === 'zip' && !hasUnzip)('unpacks to the same modes and links', async () => {
    const { root, done } = archived(format, 1, 1_600_000_000);
    const { path } = await done;
    const out = join(root, 'unpacked');
    mkdirSync(out);
    if (format === 'zip') execFileSync('unzip', ['-q', path, '-d', out]);
    else execFileSync('tar', ['-xpf', path, '-C', out]);
    expect(snapshot(join(out, 'app'))).toEqual(snapshot(join(root, 'tree')));
    expect(execFileSync(join(out, 'app/bin/alias'), { encoding: 'utf8' })).toBe('ran\n');
  });

  it('lies beside a checksum that sha256sum accepts, and that tells another file', async () => {
    const { root, done } = archived(format, 1, 1_600_000_000);
    const { path } = await done;
    const check = () =>
      spawnSync('sha256sum', ['-c', `app.${format}.sha256`], { cwd: join(root, 'out') }).status;
    expect(check()).toBe(0);
    writeFileSync(path, 'x', { flag: 'a' });
    expect(check()).not.toBe(0);
  });
});

it('an archive of what can not be packed is an error, and no half archive is left', async () => {
  const root = temporaryFolder('archive');
  mkdirSync(join(root, 'tree'));
  execFileSync('mkfifo', [join(root, 'tree/pipe')]);
  const destination = join(root, 'app.tar');
  const writing = writeArchive({
    folder: join(root, 'tree'),
    format: 'tar',
    destination,
    root: 'app',
    epoch: 0,
  });
  await expect(writing).rejects.toThrow('neither a file nor a folder nor a link');
  expect(readdirSync(root)).toEqual(['tree']);
});

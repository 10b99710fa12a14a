import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forgetScriptHashes } from '../../../src/layout/venv/records.ts';
import { temporaryFolder } from '../../support/tmp.ts';

test('the record of a distribution has no hash of a script that names its place, and all others', async () => {
  const folder = temporaryFolder('records');
  const info = join(folder, 'lib/python3.12/site-packages/app-1.dist-info');
  mkdirSync(info, { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/app'), `#!${folder}/bin/python\n`);
  writeFileSync(join(folder, 'bin/tool'), '#!/bin/sh\n');
  const record = (script: string): string =>
    [
      `../../../bin/app,${script}`,
      '../../../bin/tool,sha256=bb-_,10',
      'app.py,sha256=cc,5',
      'app-1.dist-info/RECORD,,',
      '',
    ].join('\n');
  writeFileSync(join(info, 'RECORD'), record('sha256=aa-_0,488'));
  await forgetScriptHashes(folder);
  expect(readFileSync(join(info, 'RECORD'), 'utf8')).toBe(record(','));
});

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEarlier } from '../../../src/job/clearEarlier.ts';
import { reportJson } from '../../../src/report/json.ts';
import type { Report } from '../../../src/report/model.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { PASSED } from '../report/sample.ts';

const log = { warning: (message: string) => expect.fail(message) };
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** A folder `output` as a check has left it that packed an archive. */
function left(artifact = 'out/app.pyz', archive = 'out/app.tar.gz') {
  const cwd = temporaryFolder('earlier');
  const output = join(cwd, 'out');
  mkdirSync(join(output, 'layout'), { recursive: true });
  const write = (name: string, text = name) => writeFileSync(join(cwd, name), text);
  for (const name of ['out/app.pyz', 'out/app.tar.gz', 'out/mine.txt', 'out/layout/app', 'user.txt'])
    write(name);
  write('out/app.tar.gz.sha256', `${digest('out/app.tar.gz')}  app.tar.gz\n`);
  write('out/stacks.txt');
  if (PASSED.build === null) throw new Error('the sample is built');
  const report: Report = {
    ...PASSED,
    build: { ...PASSED.build, artifact, sha256: digest(artifact) },
    executable: artifact,
    archive: { path: archive, sha256: digest(archive) },
  };
  write('out/report.json', reportJson(report));
  return { place: { cwd, output, executable: null }, report, write, names: () => readdirSync(output).sort() };
}

const NOTHING = ['layout', 'mine.txt'];

test('what an earlier job made goes where the new one makes nothing, and nothing of a user or of the layout', async () => {
  const { place, names } = left();
  await openEarlier(place)(null, log);
  expect(names()).toEqual(NOTHING);
  expect(existsSync(join(place.output, 'layout/app'))).toBe(true);
});

test('what the new report names stays', async () => {
  const { place, names, report } = left();
  await openEarlier(place)({ ...report, archive: null }, log);
  expect(names()).toEqual(['app.pyz', ...NOTHING]);
});

test('a file that is not as the report says is taken for the user’s', async () => {
  const { place, names, write } = left();
  write('out/app.pyz', 'another');
  write('out/app.tar.gz', 'another');
  await openEarlier(place)(null, log);
  expect(names()).toEqual(['app.pyz', 'app.tar.gz', 'app.tar.gz.sha256', ...NOTHING]);
});

test.for(['user.txt', 'out/../user.txt', 'out/layout/app', 'out'])('%s is not removed', async (path) => {
  const { place, write } = left(path, path);
  if (path !== 'out') write(path);
  await openEarlier(place)(null, log);
  expect(existsSync(join(place.cwd, path))).toBe(true);
});

test('nor what a link in output leads to', async () => {
  const { place, write } = left('out/linked/app', 'out/app.tar.gz');
  const elsewhere = join(place.cwd, 'elsewhere');
  mkdirSync(elsewhere);
  write('elsewhere/app', 'out/linked/app');
  symlinkSync(elsewhere, join(place.output, 'linked'));
  renameSync(join(place.output, 'app.tar.gz'), join(elsewhere, 'app.tar.gz'));
  symlinkSync(join(elsewhere, 'app.tar.gz'), join(place.output, 'app.tar.gz'));
  await openEarlier(place)(null, log);
  expect(readdirSync(elsewhere).sort()).toEqual(['app', 'app.tar.gz']);
  expect(existsSync(join(place.output, 'app.tar.gz'))).toBe(true);
});

test('for a program that was built elsewhere only the reports go', async () => {
  const { place, names } = left();
  await openEarlier({ ...place, executable: join(place.output, 'app.pyz') })(null, log);
  expect(names()).toEqual(['app.pyz', 'app.tar.gz', 'app.tar.gz.sha256', ...NOTHING]);
});

test.for(['', '{}', '{"schema": "exitproof.report/0"}'])('a report “%s” tells of nothing', async (text) => {
  const { place, names, write } = left();
  write('out/report.json', text);
  const before = names();
  await openEarlier(place)(null, log);
  expect(names()).toEqual(before);
});

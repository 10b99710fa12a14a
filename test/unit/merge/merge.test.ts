import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MergeOrder, merge } from '../../../src/merge/merge.ts';
import { isProblem } from '../../../src/problem.ts';
import { reportJson } from '../../../src/report/json.ts';
import type { Report, Shard } from '../../../src/report/model.ts';
import { parseReport } from '../../../src/report/parse.ts';
import { renderSummary } from '../../../src/report/summaryMarkdown.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { PASSED, PASSED_RUN, STALLED, STALLED_RUN } from '../report/sample.ts';

/** A shard of a soak with so many runs. */
function soaked(shard: Shard | null, passed: number, stalled: number, python = '3.12.1'): Report {
  const tally = openTally();
  for (let run = 0; run < passed; run += 1) tally.add(PASSED_RUN, python);
  for (let run = 0; run < stalled; run += 1) tally.add({ ...STALLED_RUN, name: PASSED_RUN.name }, python);
  return { ...onPython(stalled > 0 ? STALLED : PASSED, python), ...tally.read(), shard };
}

function onPython(report: Report, version: string): Report {
  const { build } = report;
  if (build === null) return report;
  const digest = version.replaceAll('.', '').padEnd(64, '0');
  return { ...report, build: { ...build, sha256: digest, interpreter: { ...build.interpreter, version } } };
}

const NOTHING: Report = {
  ...PASSED,
  verdict: 'not-built',
  build: null,
  cache: null,
  executable: null,
  runs: [],
  failure: { message: 'No matching distribution found', hint: null },
};

function folderOf(files: Readonly<Record<string, Report | string>>): string {
  const folder = temporaryFolder('merge');
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : reportJson(content));
  }
  return folder;
}

function mergeIn(cwd: string, order: Partial<MergeOrder> = {}): Promise<Report> {
  return merge({ reports: ['.'], expect: null, cwd, ...order });
}

/** The sentences that it refuses with. */
async function refusal(promise: Promise<Report>): Promise<readonly string[]> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isProblem(error) || error.kind !== 'settings') throw error ?? new Error('nothing was refused');
  return error.message.split('\n');
}

const shards = {
  'one/report.json': soaked({ index: 1, of: 3 }, 100, 0),
  'two/report.json': soaked({ index: 2, of: 3 }, 98, 2),
  'three/report.json': soaked({ index: 3, of: 3 }, 99, 0),
};

describe('merged reports', () => {
  test('tell of a run out of the archive that the soak knows nothing of', async () => {
    const proof = { ...STALLED_RUN, from: 'archive' } as const;
    const good = soaked(null, 5, 0);
    const whole = await mergeIn(
      folderOf({ 'a.json': { ...good, verdict: 'stalled', runs: [...good.runs, proof] } }),
    );
    expect(whole).toMatchObject({ verdict: 'stalled', soak: { runs: 5, stalls: 0 } });
    expect(whole.runs).toContainEqual(proof);
    expect(whole.summary).toMatch(/^Out of the archive: /u);
  });

  test('have one verdict, and the counts and the interval of all runs', async () => {
    const merged = await mergeIn(folderOf(shards), { expect: 3 });
    expect(merged).toMatchObject({
      verdict: 'stalled',
      phase: 'threading-shutdown',
      cause: 'queue-consumer',
      commit: PASSED.commit,
      shard: null,
      executable: null,
      soak: { runs: 299, stalls: 2, verdicts: { passed: 297, stalled: 2 }, endings: [{ runs: 2 }] },
    });
    expect(merged.soak?.interval?.upper).toBeCloseTo(0.0239526445, 8);
    expect(merged.summary).toMatch(/^2 of 299 runs stalled \(0\.0\d+ % to 2\.\d+ % with 95 % confidence\)/u);
    expect(merged.parts.map(({ file, verdict, runs, stalls }) => [file, verdict, runs, stalls])).toEqual([
      ['one/report.json', 'passed', 100, 0],
      ['three/report.json', 'passed', 99, 0],
      ['two/report.json', 'stalled', 100, 2],
    ]);
  });

  test('belong together also where one shard shipped another layout, or shows another first', async () => {
    const two = soaked({ index: 2, of: 3 }, 98, 2);
    const other = { ...two, layout: 'zipapp', runs: two.runs.toReversed() } as const;
    const merged = await mergeIn(folderOf({ ...shards, 'two/report.json': other }), { expect: 3 });
    expect(merged.soak).toMatchObject({ runs: 299, stalls: 2 });
  });

  test('are a report like any other: it is read again, shown, and merged again', async () => {
    const merged = await mergeIn(folderOf(shards));
    const folder = folderOf({ 'all.json': merged, 'more.json': soaked(null, 5, 0) });
    expect(parseReport(reportJson(merged), 'all.json')).toEqual(merged);
    expect(renderSummary(merged)).toContain('<code>two/report.json</code>');
    const again = await mergeIn(folder);
    expect(again.soak).toMatchObject({ runs: 304, stalls: 2 });
    expect(again.parts).toHaveLength(4);
  });

  test('of several Pythons keep them apart', async () => {
    const folder = folderOf({
      'a.json': soaked(null, 20, 0, '3.9.18'),
      'b.json': soaked(null, 17, 3, '3.13.1'),
    });
    const merged = await mergeIn(folder);
    expect(merged.soak?.series.map(({ python, runs, stalls }) => [python, runs, stalls])).toEqual([
      ['3.9.18', 20, 0],
      ['3.13.1', 20, 3],
    ]);
  });

  test('of several images may have the same shards, and artifacts of their own', async () => {
    const other = { ...shards['one/report.json'], platform: 'debian 12, x64' };
    const build = other.build ?? expect.fail();
    const folder = folderOf({
      'a.json': soaked({ index: 1, of: 1 }, 20, 0),
      'b.json': { ...other, shard: { index: 1, of: 1 }, build: { ...build, sha256: 'cd'.repeat(32) } },
    });
    const merged = await mergeIn(folder);
    expect(merged).toMatchObject({ platform: 'ubuntu 24.04, x64; debian 12, x64', soak: { runs: 120 } });
  });

  test('without a soak are the runs of all', async () => {
    const folder = folderOf({ 'a.json': onPython(PASSED, '3.9.18'), 'b.json': onPython(STALLED, '3.13.1') });
    const merged = await mergeIn(folder);
    expect(merged).toMatchObject({ verdict: 'stalled', soak: null });
    expect(merged.runs).toHaveLength(PASSED.runs.length + STALLED.runs.length);
    expect(merged.summary).toMatch(/^1 run of 3 stalled: /u);
  });

  test('are not built where one was not, whatever the others say', async () => {
    const folder = folderOf({
      ...shards,
      'two/report.json': { ...NOTHING, shard: { index: 2, of: 3 } },
    });
    const merged = await mergeIn(folder);
    expect(merged).toMatchObject({ verdict: 'not-built', soak: { runs: 199 } });
    expect(merged.summary).toBe('No matching distribution found.');
  });

  test('are found in folders, by patterns and by name, each once', async () => {
    const folder = folderOf({
      ...shards,
      'one/other.json': '{"a": 1}',
      'one/stacks.txt': 'no report',
      'named-otherwise.json': soaked(null, 1, 0),
    });
    const reports = ['one', '*/report.json', 'three/report.json', join(folder, 'named-otherwise.json')];
    const merged = await mergeIn(folder, { reports });
    expect(merged.parts.map(({ file }) => file)).toEqual([
      'one/report.json',
      'three/report.json',
      'two/report.json',
      'named-otherwise.json',
    ]);
  });
});

describe('reports that can not be merged are named', () => {
  const first = soaked({ index: 1, of: 2 }, 5, 0);
  const second = soaked({ index: 2, of: 2 }, 5, 0);
  const build = second.build ?? expect.fail();

  test.each<
    [string, Readonly<Record<string, Report | string>>, Partial<MergeOrder>, readonly (string | RegExp)[]]
  >([
    ['nothing there', {}, {}, ['.: there is no report.']],
    ['a file that is gone', { 'a.json': PASSED }, { reports: ['b.json'] }, ['b.json: there is no report.']],
    [
      'a pattern of nothing',
      { 'a.json': PASSED },
      { reports: ['x/*.json'] },
      ['x/*.json: there is no report.'],
    ],
    [
      'one that is cut',
      { 'a.json': first, 'b.json': reportJson(second).slice(0, 700) },
      {},
      ['b.json: the report is cut off or damaged (not valid JSON).'],
    ],
    ['one that is empty', { 'report.json': '' }, {}, ['report.json: the report is empty.']],
    [
      'one of another schema',
      { 'a.json': first, 'b.json': reportJson(second).replace('report/1', 'report/2') },
      {},
      [/^b\.json: its schema is "exitproof\.report\/2", this version reads "exitproof\.report\/1"\.$/u],
    ],
    [
      'one that misses a key',
      { 'a.json': reportJson(first).replace('"verdict"', '"verdikt"') },
      {},
      [/^a\.json: verdict should be /u],
    ],
    [
      'several at once',
      { 'a.json': first, 'b/report.json': '', 'c.json': reportJson(second).slice(0, 99) },
      {},
      [/^b\/report\.json: .*empty/u, /^c\.json: .*cut off/u],
    ],
    [
      'another commit',
      { 'a.json': first, 'b.json': { ...second, commit: 'fedcba9876543210' } },
      {},
      ['b.json: its commit is fedcba987654, that of a.json is 0123456789ab.'],
    ],
    [
      'another entry point',
      { 'a.json': first, 'b.json': { ...second, build: { ...build, entry: 'other' } } },
      {},
      ['b.json: its entry point is other, that of a.json is greet.'],
    ],
    [
      'another artifact for the same Python',
      { 'a.json': first, 'b.json': { ...second, build: { ...build, sha256: 'cd'.repeat(32) } } },
      {},
      ['b.json: its artifact is cdcdcdcdcdcd, that of a.json is 312100000000.'],
    ],
    [
      'a shard that is missing',
      { 'a.json': shards['one/report.json'], 'b.json': shards['three/report.json'] },
      {},
      ['shard 2/3 is missing.'],
    ],
    [
      'a shard of one Python that is missing',
      { 'a.json': first, 'b.json': second, 'c.json': soaked({ index: 2, of: 2 }, 5, 0, '3.9.18') },
      {},
      ['shard 1/2 of Python 3.9.18 on ubuntu 24.04, x64 is missing.'],
    ],
    [
      'a shard that is there twice',
      { 'a.json': first, 'b.json': second, 'c.json': second },
      {},
      ['b.json and c.json: each is shard 2/2.'],
    ],
    [
      'shards of another number',
      { 'a.json': first, 'b.json': { ...second, shard: { index: 2, of: 3 } } },
      {},
      ['b.json: it is shard 2/3, a.json is 1/2.'],
    ],
    [
      'fewer than expected',
      { 'a.json': PASSED },
      { expect: 3 },
      ['expected 3 reports, got 1 report: a.json.'],
    ],
    [
      'more than expected',
      { 'a.json': first, 'b.json': second },
      { expect: 1 },
      [/^expected 1 report, got 2/u],
    ],
  ])('%s', async (_what, files, order, sentences) => {
    const said = await refusal(mergeIn(folderOf(files), order));
    expect(said).toHaveLength(sentences.length);
    for (const [index, sentence] of sentences.entries()) {
      if (typeof sentence === 'string') expect(said[index]).toBe(sentence);
      else expect(said[index]).toMatch(sentence);
    }
  });

  test('one that is a link to nothing, or to itself', async () => {
    const folder = folderOf({ 'a.json': first, 'b.json': second });
    symlinkSync('gone.json', join(folder, 'c.json'));
    symlinkSync('report.json', join(folder, 'report.json'));
    const nothing = 'c.json: it could not be read: it is a link that leads nowhere.';
    const itself = 'report.json: it could not be read: it is a link that leads to itself.';
    expect(await refusal(mergeIn(folder))).toEqual([nothing, itself]);
    expect(await refusal(mergeIn(folder, { reports: ['report.json'] }))).toEqual([itself]);
  });

  test('is found beside links that lead round in circles', async () => {
    const folder = folderOf({ 'a.json': soaked(null, 3, 0) });
    for (const name of ['x', 'y', 'z']) symlinkSync('.', join(folder, name));
    await expect(mergeIn(folder)).resolves.toMatchObject({ verdict: 'passed', parts: [{ runs: 3 }] });
  });

  test('shards of an executable that was built elsewhere can be missing, too', async () => {
    const one: Report = { ...first, build: null, executable: 'app' };
    expect(await refusal(mergeIn(folderOf({ 'a.json': one })))).toEqual(['shard 2/2 is missing.']);
  });

  test('a report that is given twice is told where another one is missing', async () => {
    const cwd = folderOf({ 'a.json': first });
    expect(await refusal(merge({ reports: ['a.json', './a.json'], expect: null, cwd }))).toEqual([
      'a.json: it is given more than once, and counts once.',
      'shard 2/2 is missing.',
    ]);
  });

  test('a shard that got no build is not missing', async () => {
    const nothing: Report = { ...NOTHING, shard: { index: 2, of: 2 } };
    await expect(mergeIn(folderOf({ 'a.json': first, 'b.json': nothing }))).resolves.toMatchObject({
      verdict: 'not-built',
    });
  });
});

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { hasGithubCache } from '../../src/cache/openStore.ts';
import { type CacheFaults, type CacheService, cacheService } from '../support/cacheService.ts';
import { temporaryFolder } from '../support/tmp.ts';

let service: CacheService | undefined;
afterEach(() => service?.close());

async function serve(faults: CacheFaults = {}): Promise<CacheService> {
  service = await cacheService(faults);
  return service;
}

/** A step of a job: the store works from its working directory and environment, as the toolkit does. */
const STEP = `
const { githubCache } = await import(process.argv[1]);
const { mkdirSync, readFileSync, writeFileSync } = await import('node:fs');
const { dirname } = await import('node:path');
const quiet = () => {};
const log = { info: (line) => console.log('LOG ' + line), debug: quiet, notice: quiet, warning: quiet };
const limits = JSON.parse(process.env.LIMITS ?? 'null') ?? undefined;
const { layouts, wheels } = await githubCache({ workspace: process.env.GITHUB_WORKSPACE, env: process.env, log, limits });
const deeds = {
  find: async (key, prefixes) => {
    const found = await layouts.find(key, prefixes);
    return found.result === 'hit' ? { ...found, file: readFileSync(found.file, 'utf8') } : found;
  },
  wheels: (key) => wheels.find(key),
  reject: async (key) => layouts.reject(key),
  refusal: async () => layouts.refusal(),
  save: async (key, text) => {
    mkdirSync(dirname(layouts.file), { recursive: true });
    writeFileSync(layouts.file, text);
    return layouts.save(key);
  },
};
const outcomes = [];
for (const [deed, ...args] of JSON.parse(process.env.DEEDS)) outcomes.push(await deeds[deed](...args));
console.log('RESULT' + JSON.stringify(outcomes));
process.exit();
`;

type Deed = readonly ['find' | 'save' | 'reject' | 'refusal' | 'wheels', ...unknown[]];

async function step(deeds: readonly Deed[], extra: Record<string, string> = {}, cwd?: string) {
  const workspace = temporaryFolder('workspace');
  const env = {
    PATH: process.env['PATH'],
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temporaryFolder('runner'),
    ...service?.env,
    DEEDS: JSON.stringify(deeds),
    ...extra,
  };
  const module = new URL('../../src/cache/githubStore.ts', import.meta.url).href;
  const args = ['--no-warnings', '--input-type=module', '-e', STEP, module];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: cwd ?? workspace });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT')) ?? 'RESULT[]';
  const outcomes: unknown[] = JSON.parse(line.slice('RESULT'.length));
  return { outcomes, workspace, stdout };
}

const ANNOTATION = /^::(notice|warning|error)/m;

const SAVED = { saved: true, key: 'K' };

describe("GitHub's cache", () => {
  it('gives a later job what was saved under exactly the key, and none of it to the other sort of entry', async () => {
    const { asked } = await serve();
    expect((await step([['save', 'K', 'layout']])).outcomes).toMatchObject([SAVED]);
    const { outcomes } = await step([
      ['find', 'K'],
      ['wheels', 'K'],
    ]);
    expect(outcomes).toMatchObject([
      { result: 'hit', file: 'layout', key: 'K' },
      { result: 'miss', nearest: null },
    ]);
    expect(asked).not.toEqual([]);
  });

  it('that has nothing and lets nothing be saved is a miss and "not saved", with the reason, and no failure', async () => {
    await serve({ denies: 'cache write denied: this token is read-only' });
    const { outcomes, workspace, stdout } = await step([
      ['find', 'K', ['a-']],
      ['save', 'K', 'x'],
    ]);
    expect(outcomes).toMatchObject([
      { result: 'miss', nearest: null },
      { saved: false, reason: expect.stringContaining('this token is read-only') },
    ]);
    // The report's annotation is the only one.
    expect(stdout).toMatch(/^LOG cache: .*cache write denied: this token is read-only$/m);
    expect(stdout).not.toMatch(ANNOTATION);
    // What is kept for the cache never shows up as a change of the checkout.
    expect(readFileSync(join(workspace, '.exitproof/.gitignore'), 'utf8')).toBe('*\n');
  });

  it('names the nearest entry without loading it, in one question', async () => {
    const { asked } = await serve();
    await step([['save', 'a-other', 'x']]);
    asked.length = 0;
    const { outcomes, workspace } = await step([['find', 'a-key', ['a-k', 'a-', '']]]);
    expect(outcomes).toMatchObject([{ result: 'miss', nearest: 'a-other' }]);
    expect(asked).toHaveLength(1);
    expect(existsSync(join(workspace, '.exitproof/cache/layout.tar'))).toBe(false);
  });

  it('that another job was quicker to save in says so', async () => {
    await serve({ reserved: true });
    const { outcomes, stdout } = await step([['save', 'K', 'x']]);
    expect(outcomes).toMatchObject([{ saved: false, reason: expect.stringContaining('another job') }]);
    expect(stdout).not.toMatch(ANNOTATION);
  });

  it('heals: after a corrupt entry, which stays, the next one is saved and found under a later version', async () => {
    const { keys } = await serve();
    await step([['save', 'K', 'broken']]);
    const { outcomes } = await step([
      ['find', 'K'],
      ['reject', 'K'],
      ['save', 'K', 'mended'],
    ]);
    expect(outcomes[2]).toMatchObject({ saved: true, key: 'K.2' });
    expect(keys()).toEqual(['K', 'K.2']);
    const again = await step([
      ['find', 'K'],
      ['reject', 'K.2'],
      ['save', 'K', 'once more'],
      ['find', 'K'],
      ['find', 'K.2'],
    ]);
    expect(again.outcomes).toMatchObject([
      { result: 'hit', file: 'mended', key: 'K.2' },
      null,
      { saved: true, key: 'K.3' },
      { result: 'hit', file: 'once more', key: 'K.3' },
      { result: 'hit', file: 'mended', key: 'K.2' },
    ]);
  });

  it.each([
    ['a cut archive', (archive: Buffer) => archive.subarray(0, archive.length / 2)],
    ['a file that is no archive', () => Buffer.from('<html>not found</html>')],
    ['nothing at all', () => Buffer.alloc(0)],
  ])('that hands out %s is corrupt', async (_, handsOut) => {
    const double = await serve();
    await step([['save', 'K', 'layout'.repeat(10_000)]]);
    double.faults = { handsOut };
    const { outcomes, stdout } = await step([['find', 'K']]);
    expect(outcomes).toMatchObject([{ result: 'corrupt', key: 'K' }]);
    expect(stdout).not.toMatch(ANNOTATION);
  });

  it('that is down is denied, and says why', async () => {
    (await serve()).close();
    const { outcomes, stdout } = await step([
      ['find', 'K', ['a-']],
      ['save', 'K', 'x'],
    ]);
    expect(outcomes).toMatchObject([
      { result: 'denied', reason: expect.stringMatching(/^the cache did not answer: .*ECONNREFUSED/) },
      { saved: false, reason: expect.stringContaining('is not asked again') },
    ]);
    expect(stdout).not.toMatch(ANNOTATION);
  });

  it.each([
    ['does not answer', { silent: true }, { lookUp: 300, load: 60_000, save: 60_000 }],
    ['never ends a download', { stuckDownload: true }, { lookUp: 60_000, load: 300, save: 60_000 }],
  ])('that %s is waited for until the limit, and not asked again', async (_, faults, limits) => {
    const double = await serve();
    await step([['save', 'K', 'layout']]);
    double.faults = faults;
    double.asked.length = 0;
    const { outcomes } = await step([['find', 'K'], ['find', 'K'], ['refusal'], ['save', 'K', 'x']], {
      LIMITS: JSON.stringify(limits),
    });
    const late = 'no answer in 0.3 s';
    expect(outcomes).toMatchObject([
      { result: 'denied', reason: `the cache did not answer: ${late}` },
      { result: 'denied', reason: `the cache gave ${late}, and is not asked again` },
      expect.stringContaining('not asked again'),
      { saved: false, reason: expect.stringContaining('not asked again') },
    ]);
    expect(double.asked.filter((question) => question.startsWith('Create'))).toEqual([]);
  });

  it('that the job may not use says so without asking', async () => {
    const { asked } = await serve();
    const { outcomes } = await step([['find', 'K'], ['refusal']], { ACTIONS_CACHE_MODE: 'none' });
    expect(outcomes).toMatchObject([
      { result: 'denied', reason: 'this job may not read the cache (cache-mode none)' },
      'this job may not write to the cache (cache-mode none)',
    ]);
    expect(asked).toEqual([]);
  });

  it('is not used from another folder than the workspace, where paths would not fit', async () => {
    await serve();
    const { outcomes } = await step([['find', 'K'], ['refusal']], {}, temporaryFolder('elsewhere'));
    expect(outcomes).toMatchObject([
      { result: 'denied', reason: expect.stringContaining('workspace') },
      expect.stringContaining('workspace'),
    ]);
  });
});

it('the cache of GitHub is taken for present only with an address and a token', () => {
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_RESULTS_URL: 'u' })).toBe(true);
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_CACHE_URL: 'u' })).toBe(true);
  expect(hasGithubCache({ ACTIONS_RESULTS_URL: 'u' })).toBe(false);
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: '', ACTIONS_CACHE_URL: 'u' })).toBe(false);
});

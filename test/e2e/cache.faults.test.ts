import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CacheService, cacheService } from '../support/cacheService.ts';
import { type FakeRunner, fakeRunner, type StepResult } from '../support/fakeRunner.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython();

/** Of this file alone: nothing that another test has kept is taken for this one's. */
const home = inRepository('.exitproof', 'test', 'cache');

let runner: FakeRunner;
let service: CacheService;
/** What the first job has saved; each test begins with it. */
let key: string;

beforeAll(async () => {
  runner = fakeRunner();
  writeFileSync(join(runner.workspace, 'app.py'), "print('hello')\n");
  service = await cacheService();
  const first = await check();
  expect(first.outputs, first.stdout).toMatchObject({ verdict: 'passed', 'cache-result': 'miss' });
  key = first.outputs['cache-key'] ?? '';
  expect(service.keys()).toEqual([key]);
});
beforeEach(() => {
  service.faults = {};
  service.forget((saved) => saved !== key);
});
afterAll(() => {
  service.close();
  runner.remove();
});

const inputs = { 'entry-point': 'app.py', python: PYTHON ?? '' };

/** A job of its own: its workspace has the checkout alone. */
async function check(
  env: Readonly<Record<string, string>> = service.env,
  cache = 'on',
  more: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  rmSync(join(runner.workspace, '.exitproof'), { recursive: true, force: true });
  return runner.step({
    entry: 'src/action/main.ts',
    inputs: { ...inputs, ...more, cache },
    env: { ...env, XDG_CACHE_HOME: home },
  });
}

/** The step did its work as if there were no cache: built, watched, shipped, no annotation, nothing half. */
function expectBuilt(step: StepResult): void {
  expect(step.exitCode, step.stdout + step.stderr).toBe(0);
  expect(step.outputs).toMatchObject({ verdict: 'passed', runs: '1' });
  expect(step.commands.filter(({ name }) => name === 'error' || name === 'notice')).toEqual([]);
  const out = join(runner.workspace, '.exitproof/out');
  expect(readdirSync(out).filter((name) => /\.(part|old|loose)\b/.test(name))).toEqual([]);
  const executable = join(runner.workspace, step.outputs['executable'] ?? '');
  expect(execFileSync(executable, { encoding: 'utf8' })).toBe('hello\n');
}

/** The archive that the toolkit made, with another file in it. */
function repacked(archive: Buffer, edit: (layout: Buffer) => Buffer): Buffer {
  const folder = temporaryFolder('repack');
  const file = join(folder, 'archive');
  writeFileSync(file, archive);
  const zstd = archive.readUInt32LE() === 0xfd2fb528 ? ['--zstd'] : ['--gzip'];
  execFileSync('tar', [...zstd, '-xf', file, '-C', folder]);
  const layout = join(folder, '.exitproof/cache/layout.tar');
  writeFileSync(layout, edit(readFileSync(layout)));
  execFileSync('tar', [...zstd, '-cf', file, '-C', folder, '.exitproof/cache/layout.tar']);
  return readFileSync(file);
}

/** One bit of the program's own line. */
function flipped(layout: Buffer): Buffer {
  const bytes = Buffer.from(layout);
  const at = bytes.indexOf("print('hello')");
  expect(at).toBeGreaterThan(0);
  bytes[at + 7] = (bytes[at + 7] ?? 0) ^ 1;
  return bytes;
}

describe.skipIf(PYTHON === null)("a check whose cache is GitHub's", () => {
  test('takes the layout of an earlier job, and checks it again', async () => {
    const step = await check();
    expectBuilt(step);
    expect(step.outputs).toMatchObject({ 'cache-result': 'hit', 'cache-key': key });
  });

  test.each([
    ['a flipped byte', (archive: Buffer) => repacked(archive, flipped)],
    ['another file in its place', (archive: Buffer) => repacked(archive, () => Buffer.from('not a layout'))],
    ['a layout that is cut', (archive: Buffer) => repacked(archive, (layout) => layout.subarray(0, 5000))],
    ['a cut archive', (archive: Buffer) => archive.subarray(0, archive.length / 2)],
  ])('that hands out %s builds anew, and a later job has a hit again', async (_, broken) => {
    service.faults = { handsOut: (archive, of) => (of === key ? broken(archive) : archive) };
    const step = await check();
    expectBuilt(step);
    expect(step.outputs).toMatchObject({ 'cache-result': 'corrupt', 'cache-key': `${key}.2` });
    expect(step.stdout).toContain('the cached layout is not what was saved, and is built anew');
    const next = await check();
    expectBuilt(next);
    expect(next.outputs).toMatchObject({ 'cache-result': 'hit', 'cache-key': `${key}.2` });
  });

  test('that is down builds, and is not asked to save', async () => {
    const gone = await cacheService();
    gone.close();
    const step = await check(gone.env);
    expectBuilt(step);
    expect(step.outputs['cache-result']).toBe('denied');
    expect(step.outputs['cache-reason']).toContain('ECONNREFUSED');
    expect(step.stdout).toContain('is not asked again');
  });

  test('that never answers is waited for no longer than the limit', async () => {
    service.faults = { silent: true };
    const step = await check();
    expectBuilt(step);
    expect(step.outputs).toMatchObject({
      'cache-result': 'denied',
      'cache-reason': 'the cache did not answer: no answer in 20 s',
    });
  });

  test.each([
    ['denies the save', { denies: 'cache write denied: this token is read-only' }, 'this token is read-only'],
    [
      'has just got the same key from another job',
      { reserved: true },
      'another job may be creating this cache',
    ],
  ])('that %s has passed all the same', async (_, faults, words) => {
    service.forget(() => true);
    service.faults = faults;
    const step = await check();
    service.faults = {};
    service.remember();
    expectBuilt(step);
    expect(step.outputs['cache-result']).toBe('miss');
    expect(step.stdout).toMatch(new RegExp(`cache: not saved: .*${words}`));
  });

  test('that takes longer to save than a build may take has passed, and saved', async () => {
    service.forget(() => true);
    service.faults = { slowUpload: 17_000 };
    const step = await check(service.env, 'on', { 'build-timeout': '15s' });
    const saved = service.keys();
    service.faults = {};
    service.remember();
    expectBuilt(step);
    expect(step.outputs).toMatchObject({ 'cache-result': 'miss', 'cache-key': key });
    expect(saved).toEqual([key]);
  });

  test('that answers with an error is denied', async () => {
    service.faults = { status: 403 };
    const step = await check();
    expectBuilt(step);
    expect(step.outputs).toMatchObject({
      'cache-result': 'denied',
      'cache-reason': expect.stringContaining('403'),
    });
  });

  test('is not asked at all for a release, though the layout is there', async () => {
    service.asked.length = 0;
    const step = await check({ ...service.env, GITHUB_EVENT_NAME: 'release' }, 'auto');
    expectBuilt(step);
    expect(step.outputs['cache-result']).toBe('off');
    expect(service.asked).toEqual([]);
  });
});

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { hasGithubCache } from '../../../src/cache/openStore.ts';
import { temporaryFolder } from '../../support/tmp.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The part of GitHub's cache service that says no. */
async function service(answer: (method: string) => object): Promise<string> {
  server = createServer((request, response) => {
    request.resume();
    const method = (request.url ?? '').split('/').at(-1) ?? '';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(method)));
  });
  await new Promise<void>((ready) => void server?.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/`;
}

/** A step of a job: the store works from its working directory and environment, as the toolkit does. */
const STEP = `
const { githubStore } = await import(process.argv[1]);
const { writeFileSync } = await import('node:fs');
const quiet = () => {};
const log = { info: (line) => console.log('LOG ' + line), debug: quiet, notice: quiet, warning: quiet };
const store = await githubStore({ workspace: process.env.GITHUB_WORKSPACE, env: process.env, log });
const restored = await store.restore('key');
const nearest = await store.nearest(['a-', 'b-']);
if (restored.result !== 'denied') writeFileSync(store.file, 'layout');
const saved = await store.save('key');
console.log('RESULT' + JSON.stringify({ restored, nearest, saved }));
`;

interface Outcome {
  readonly restored: { readonly result: string; readonly reason: string };
  readonly nearest: string | null;
  readonly saved: { readonly saved: boolean; readonly reason: string };
}

async function step(url: string, extra: Record<string, string> = {}, cwd?: string) {
  const workspace = temporaryFolder('workspace');
  const env = {
    PATH: process.env['PATH'],
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temporaryFolder('runner'),
    ACTIONS_RUNTIME_TOKEN: 'token',
    ACTIONS_RESULTS_URL: url,
    ACTIONS_CACHE_SERVICE_V2: '1',
    ...extra,
  };
  const module = new URL('../../../src/cache/githubStore.ts', import.meta.url).href;
  const args = ['--no-warnings', '--input-type=module', '-e', STEP, module];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: cwd ?? workspace });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT')) ?? 'RESULT{}';
  const outcome: Outcome = JSON.parse(line.slice('RESULT'.length));
  return { outcome, workspace, stdout };
}

describe("GitHub's cache", () => {
  it('that has nothing and lets nothing be saved is a miss and "not saved", with the reason, and no failure', async () => {
    const url = await service((method) =>
      method === 'CreateCacheEntry'
        ? { ok: false, message: 'cache write denied: this token is read-only' }
        : { ok: false },
    );
    const { outcome, workspace, stdout } = await step(url);
    expect(outcome.restored).toMatchObject({ result: 'miss' });
    expect(outcome.nearest).toBeNull();
    expect(outcome.saved).toMatchObject({ saved: false, reason: expect.stringContaining('denied') });
    // The report's annotation is the only one.
    expect(stdout).toMatch(/^LOG cache: .*cache write denied: this token is read-only$/m);
    expect(stdout).not.toMatch(/^::(notice|warning|error)/m);
    // What is kept for the cache never shows up as a change of the checkout.
    expect(readFileSync(join(workspace, '.exitproof/.gitignore'), 'utf8')).toBe('*\n');
  });

  it('names the nearest entry without loading it', async () => {
    const asked: string[] = [];
    const url = await service((method) => {
      asked.push(method);
      // The first question is for the key itself, which nobody has saved.
      return method === 'GetCacheEntryDownloadURL' && asked.length > 1
        ? { ok: true, signed_download_url: 'http://127.0.0.1:1/never', matched_key: 'a-other' }
        : { ok: false };
    });
    const { outcome, workspace } = await step(url);
    expect(outcome.nearest).toBe('a-other');
    expect(asked).toContain('GetCacheEntryDownloadURL');
    expect(existsSync(join(workspace, '.exitproof/cache'))).toBe(true);
  });

  it('that the job may not use says so without asking', async () => {
    const asked: string[] = [];
    const url = await service((method) => {
      asked.push(method);
      return {};
    });
    const { outcome } = await step(url, { ACTIONS_CACHE_MODE: 'none' });
    expect(outcome.restored).toMatchObject({
      result: 'denied',
      reason: expect.stringContaining('cache-mode none'),
    });
    expect(outcome.saved).toMatchObject({ saved: false, reason: expect.stringContaining('cache-mode none') });
    expect(asked.filter((method) => method === 'CreateCacheEntry')).toEqual([]);
  });

  it('is not used from another folder than the workspace, where paths would not fit', async () => {
    const url = await service(() => ({ ok: false }));
    const { outcome } = await step(url, {}, temporaryFolder('elsewhere'));
    expect(outcome.restored).toMatchObject({
      result: 'denied',
      reason: expect.stringContaining('workspace'),
    });
    expect(outcome.saved.saved).toBe(false);
  });
});

it('the cache of GitHub is taken for present only with an address and a token', () => {
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_RESULTS_URL: 'u' })).toBe(true);
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_CACHE_URL: 'u' })).toBe(true);
  expect(hasGithubCache({ ACTIONS_RESULTS_URL: 'u' })).toBe(false);
  expect(hasGithubCache({ ACTIONS_RUNTIME_TOKEN: '', ACTIONS_CACHE_URL: 'u' })).toBe(false);
});

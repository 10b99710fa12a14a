import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheKey, type KeyMaterial } from '../../../src/cache/key.ts';
import { restoreLayout, saveLayout } from '../../../src/cache/layoutCache.ts';
import { openStore } from '../../../src/cache/openStore.ts';
import type { CacheChoice } from '../../../src/cache/policy.ts';
import { restoreByKey } from '../../../src/cache/restoreByKey.ts';
import { baseInterpreter } from '../../../src/layout/interpreter.ts';
import type { Log } from '../../../src/log.ts';
import type { Verdict } from '../../../src/report/model.ts';
import { anyPython, pythons } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { INFO, manifestOf, plant, snapshot } from '../layout/tree.ts';

const PYTHON = anyPython() ?? '';

const cancel = new AbortController().signal;

const MATERIAL: KeyMaterial = {
  name: 'greeter',
  projectRecord: 'a',
  sources: null,
  dependencies: [],
  asked: [],
  wheels: [],
  python: { implementation: 'CPython', version: '3.12.1', soabi: '', build: null },
  platform: { os: 'linux', architecture: 'x64', libc: null, distribution: '' },
  builder: { name: 'pex', version: '2', args: [], entry: 'e', layout: 'venv' },
  suffix: null,
  compression: 'none',
};

function recorder(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const stage = <T>(_: string, body: () => Promise<T>): Promise<T> => body();
  return { lines, stage, info: say, debug: say, notice: say, warning: say, passthrough: () => undefined };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** One machine with one store; each call is a check of its own. */
async function machine() {
  const root = temporaryFolder('layout-cache');
  const log = recorder();
  const interpreter = await baseInterpreter(PYTHON);
  const open = (choice: CacheChoice, env: Record<string, string> = {}) =>
    openStore({
      choice,
      env: { HOME: root, ...env },
      workspace: root,
      work: join(root, 'work'),
      log,
    });
  const restore = async (
    choice: CacheChoice,
    material = MATERIAL,
    env: Record<string, string> = {},
    wantsTeardown = true,
    reused: readonly string[] = [],
  ) =>
    restoreLayout({
      cache: await open(choice, env),
      key: cacheKey(material),
      destination: join(root, 'out/layout'),
      artifact: join(root, 'out/app.pex'),
      python: PYTHON,
      context: { log, env: { ...process.env, XDG_CACHE_HOME: join(root, '.cache') } },
      wantsTeardown,
      reused,
    });
  const save = async (choice: CacheChoice, material = MATERIAL, verdict: Verdict = 'passed') => {
    const { record } = await restore(choice, material);
    const folder = join(temporaryFolder('built'), 'layout');
    plant(folder, { files: [], binaries: [], links: [], empty: [] }, interpreter);
    const artifact = join(folder, '../app.pex');
    writeFileSync(artifact, 'PEX');
    const sha256 = sha256Of('PEX');
    const { version, implementation, soabi } = interpreter;
    const info = { ...INFO, verdict, interpreter: { version, implementation, soabi } };
    return saveLayout({
      cache: await open(choice),
      record,
      folder,
      layout: {
        info: { ...info, artifact: { name: 'app.pex', sha256 } },
        manifest: await manifestOf(folder),
      },
      artifact,
      check: { checked: '2026-01-02T03:04:05.000Z', teardown: { '--help': { atexit: 40 } } },
      log,
    });
  };
  const entry = join(root, '.cache/exitproof/layouts', `${cacheKey(MATERIAL).key}.tar`);
  return { root, log, open, restore, save, entry };
}

describe.skipIf(PYTHON === '')('the cache of layouts', () => {
  it('gives back what passed: the layout in its place, the artifact, and what the report needs', async () => {
    const { root, restore, save } = await machine();
    expect(await save('auto')).toMatchObject({ result: 'miss', saved: true });
    const { record, layout } = await restore('auto');
    expect(record).toMatchObject({ result: 'hit', saved: false });
    expect(record.reason).toContain('checked 2026-01-02T03:04:05.000Z');
    expect(layout?.artifact).toEqual({ path: join(root, 'out/app.pex'), sha256: sha256Of('PEX') });
    expect(readFileSync(join(root, 'out/app.pex'), 'utf8')).toBe('PEX');
    expect(readFileSync(join(root, 'out/layout/bin/tool'), 'utf8')).toContain(
      `#!${root}/out/layout/bin/python`,
    );
  });

  it('remembers how a layout in its place looks where it may be written to, and only there', async () => {
    const { root, restore, save } = await machine();
    await save('auto');
    const seen = join(root, '.cache/exitproof/seen');
    // What was written just now is not remembered yet.
    while (!existsSync(seen)) await restore('auto');
    rmSync(seen, { recursive: true });
    for (const choice of ['read', 'off'] as const) await restore(choice);
    expect(existsSync(seen)).toBe(false);
  });

  it('says which part changed where another entry of the program is there', async () => {
    const { restore, save } = await machine();
    expect((await restore('auto')).record).toMatchObject({ result: 'miss', reason: 'no entry has this key' });
    await save('auto');
    const commit = await restore('auto', { ...MATERIAL, projectRecord: 'b' });
    expect(commit.record).toMatchObject({ result: 'miss', reason: 'part changed: project' });
    const python = { ...MATERIAL.python, version: '3.12.2' };
    const upgraded = await restore('auto', { ...MATERIAL, python, projectRecord: 'b' });
    expect(upgraded.record).toMatchObject({ result: 'miss', reason: 'parts changed: python, project' });
  });

  it('is a part of a hit where wheels that were built before are there instead, and only then', async () => {
    const { restore, save } = await machine();
    await save('auto');
    const changed = { ...MATERIAL, projectRecord: 'b' };
    expect((await restore('auto', changed, {}, true, ['six', 'wrapt'])).record).toMatchObject({
      result: 'partial',
      reason: 'part changed: project; built before, from sdists: six, wrapt',
    });
    expect((await restore('auto', MATERIAL, {}, true, ['six'])).record.result).toBe('hit');
    expect((await restore('off', MATERIAL, {}, true, ['six'])).record.result).toBe('off');
  });

  it('takes nothing of an entry that is not as it was saved, and heals it by the next save', async () => {
    const { root, restore, save, entry, log } = await machine();
    await save('auto');
    const bytes = readFileSync(entry);
    const at = bytes.indexOf('print("#!/usr/bin/env');
    bytes[at] = 0x50;
    writeFileSync(entry, bytes);
    const { record, layout } = await restore('auto');
    expect(layout).toBeNull();
    expect(record).toMatchObject({ result: 'corrupt', reason: 'bin/tool has other content' });
    expect(log.lines.join('\n')).toContain('built anew: bin/tool has other content');
    expect(existsSync(join(root, 'out')) ? readdirSync(join(root, 'out')) : []).toEqual([]);
    await save('auto');
    expect((await restore('auto')).record.result).toBe('hit');
  });

  it('has the teardown times of the last good run: of the very layout, else of the nearest', async () => {
    const { save, restore } = await machine();
    await save('auto');
    const times = { '--help': { atexit: 40 } };
    expect((await restore('auto')).teardown).toEqual(times);
    const changed = { ...MATERIAL, projectRecord: 'another' };
    const missed = await restore('auto', changed);
    expect(missed).toMatchObject({ record: { result: 'miss' }, layout: null, teardown: times });
    expect((await restore('auto', changed, {}, false)).teardown).toBeNull();
  });

  it('has none of an entry that is cut off, and still misses as ever', async () => {
    const { save, restore, entry } = await machine();
    await save('auto');
    writeFileSync(entry, readFileSync(entry).subarray(0, 700));
    const missed = await restore('auto', { ...MATERIAL, projectRecord: 'another' });
    expect(missed).toMatchObject({ record: { result: 'miss' }, teardown: null });
  });

  it('keeps only what passed, and writes nothing where it may only read', async () => {
    const { save, restore, log } = await machine();
    expect(await save('auto', MATERIAL, 'stalled')).toMatchObject({ saved: false });
    expect(log.lines).toContain('cache: not saved: the verdict is stalled');
    expect(await save('read')).toMatchObject({ saved: false });
    expect(log.lines).toContain('cache: not saved: cache: read');
    expect((await restore('auto')).record.result).toBe('miss');
  });

  it('is off for what is released, though an entry is there', async () => {
    const { save, restore } = await machine();
    await save('auto');
    const tag = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/tags/v1' };
    expect((await restore('auto', MATERIAL, tag)).record).toMatchObject({
      result: 'off',
      reason: 'cache: auto builds from scratch for a tag',
    });
    expect((await restore('on', MATERIAL, tag)).record.result).toBe('hit');
  });

  it('hands a later job exactly the entry it asks for', async () => {
    const { root, save, open } = await machine();
    await save('auto');
    const cache = await open('read');
    const destination = join(root, 'deploy/app');
    const ask = (key: string) =>
      restoreByKey({ source: { kind: 'key', key, cache }, destination, python: async () => PYTHON, cancel });
    const { key } = cacheKey(MATERIAL);
    expect(await ask(key.slice(0, -1))).toMatchObject({ result: 'miss' });
    expect(existsSync(destination)).toBe(false);
    expect(await ask(key)).toMatchObject({
      result: 'hit',
      folder: destination,
      executable: `${destination}/bin/tool`,
      notices: [],
    });
    expect(snapshot(destination).length).toBeGreaterThan(4);
  });

  it('gives up where it is cancelled, and leaves nothing half', async () => {
    const { root, save, open } = await machine();
    await save('auto');
    const source = { kind: 'key', key: cacheKey(MATERIAL).key, cache: await open('read') } as const;
    const folder = join(root, 'deploy');
    const aborted = AbortSignal.abort('SIGINT');
    const restoring = restoreByKey({
      source,
      destination: join(folder, 'app'),
      python: async () => PYTHON,
      cancel: aborted,
    });
    await expect(restoring).rejects.toThrow();
    expect(existsSync(folder)).toBe(false);
  });

  it.skipIf(pythons().length < 2)('does not hand it to a Python that it was not made for', async () => {
    const { root, save, open } = await machine();
    await save('auto');
    const source = { kind: 'key', key: cacheKey(MATERIAL).key, cache: await open('read') } as const;
    const python = pythons().find(({ path }) => path !== PYTHON)?.path ?? '';
    expect(
      await restoreByKey({ source, destination: join(root, 'x'), python: async () => python, cancel }),
    ).toMatchObject({
      result: 'miss',
      reason: expect.stringContaining('the layout is for CPython'),
    });
    expect(existsSync(join(root, 'x'))).toBe(false);
  });
});

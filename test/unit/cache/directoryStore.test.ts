import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { directoryStore } from '../../../src/cache/directoryStore.ts';
import { temporaryFolder } from '../../support/tmp.ts';

function storeIn(root: string, limit?: number) {
  const options = { folder: join(root, 'layouts'), file: join(root, 'layout.tar') };
  const store = directoryStore(limit === undefined ? options : { ...options, limit });
  const save = (key: string, text: string) => {
    writeFileSync(store.file, text);
    return store.save(key);
  };
  return { store, save };
}

/** Root may read whatever it likes: what it then runs, it runs as nobody. */
async function withoutPrivileges<T>(body: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return body();
  process.seteuid?.(65_534);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
  }
}

/** A child that saves one key again and again, or reads it and reports what it saw. */
const WORKER = `
const { directoryStore } = await import(process.argv[1]);
const { readFileSync, writeFileSync } = await import('node:fs');
const [folder, file, role] = process.argv.slice(2);
const store = directoryStore({ folder, file, limit: 3 << 20 });
const seen = new Set();
for (let round = 0; round < 40; round += 1) {
  if (role === 'writer') {
    writeFileSync(file, String(process.pid % 10).repeat(1 << 20));
    const saved = await store.save('key' + (round % 4));
    if (!saved.saved) seen.add(saved.reason);
  } else {
    const found = await store.find('key' + (round % 4));
    if (found.result === 'hit') {
      // Late enough for the others to evict it.
      await new Promise((done) => setTimeout(done, 5));
      const text = readFileSync(found.file, 'utf8');
      seen.add(text.length + ' ' + new Set(text).size);
    } else if (found.result !== 'miss') seen.add(found.reason);
    await new Promise((done) => setImmediate(done));
  }
}
console.log(JSON.stringify([...seen]));
`;

describe('layouts in a folder', () => {
  it('come back under exactly their key', async () => {
    const { store, save } = storeIn(temporaryFolder('store'));
    expect(await store.find('a')).toMatchObject({ result: 'miss' });
    expect(await save('a', 'first')).toMatchObject({ saved: true });
    const found = await store.find('a');
    expect(found.result === 'hit' ? readFileSync(found.file, 'utf8') : found).toBe('first');
    expect(await store.find('a2')).toMatchObject({ result: 'miss' });
  });

  it('are readable by their owner alone: they get executed', async () => {
    const root = temporaryFolder('store');
    await storeIn(root).save('a', '');
    expect(statSync(join(root, 'layouts')).mode & 0o777).toBe(0o700);
  });

  it('are named by the longest beginning that any has, the last used first', async () => {
    const root = temporaryFolder('store');
    const { store, save } = storeIn(root);
    for (const [key, time] of [
      ['p-1-old', 1],
      ['p-1-new', 2],
      ['p-2', 3],
    ] as const) {
      await save(key, '');
      utimesSync(join(root, 'layouts', `${key}.tar`), time, time);
    }
    expect(await store.find('p-1-x', ['p-1-x', 'p-1-', 'p-'])).toMatchObject({ nearest: 'p-1-new' });
    expect(await store.find('q', ['q-'])).toMatchObject({ result: 'miss', nearest: null });
    const none = directoryStore({ folder: join(root, 'none'), file: join(root, 'x') });
    expect(await none.find('p', ['p-'])).toMatchObject({ result: 'miss', nearest: null });
  });

  it('stay below the limit: what was not used for longest goes, what was just saved stays', async () => {
    const root = temporaryFolder('store');
    const { store, save } = storeIn(root, 250);
    await save('a', 'x'.repeat(100));
    await save('b', 'x'.repeat(100));
    utimesSync(join(root, 'layouts/a.tar'), 1, 1);
    utimesSync(join(root, 'layouts/b.tar'), 2, 2);
    await store.find('a');
    await save('c', 'x'.repeat(100));
    expect(readdirSync(join(root, 'layouts')).sort()).toEqual(['a.tar', 'c.tar']);
    await save('huge', 'x'.repeat(1000));
    expect(readdirSync(join(root, 'layouts'))).toEqual(['huge.tar']);
  });

  it('stay readable for who has found them, whatever becomes of the entry', async () => {
    const root = temporaryFolder('store');
    const { save } = storeIn(root, 150);
    await save('a', 'x'.repeat(100));
    const finder = directoryStore({ folder: join(root, 'layouts'), file: join(root, 'job/layout.tar') });
    const found = await finder.find('a');
    utimesSync(join(root, 'layouts/a.tar'), 1, 1);
    await save('b', 'y'.repeat(100));
    expect(readdirSync(join(root, 'layouts'))).toEqual(['b.tar']);
    expect(found.result === 'hit' ? readFileSync(found.file, 'utf8') : found).toBe('x'.repeat(100));
  });

  it('that a killed job left half are cleared away, those of a running one are not', async () => {
    const root = temporaryFolder('store');
    const { save } = storeIn(root);
    mkdirSync(join(root, 'layouts'));
    for (const name of ['old.tar.part-1', 'new.tar.part-2']) writeFileSync(join(root, 'layouts', name), '');
    utimesSync(join(root, 'layouts/old.tar.part-1'), 1, 1);
    await save('a', '');
    expect(readdirSync(join(root, 'layouts')).sort()).toEqual(['a.tar', 'new.tar.part-2']);
  });

  it('that can not be stored or read are a result with a reason, never an error', async () => {
    const root = temporaryFolder('store');
    writeFileSync(join(root, 'layouts'), 'a file where the folder should be');
    const { store, save } = storeIn(root);
    expect(await save('a', '')).toMatchObject({ saved: false, reason: expect.stringContaining('not saved') });
    expect(await store.find('a')).toMatchObject({ result: 'miss' });
  });

  it('in a folder that may not be read are denied', async () => {
    const root = temporaryFolder('store');
    const { store, save } = storeIn(root);
    await save('a', '');
    chmodSync(root, 0o755);
    chmodSync(join(root, 'layouts'), 0);
    expect(await withoutPrivileges(() => store.find('a'))).toMatchObject({ result: 'denied' });
    chmodSync(join(root, 'layouts'), 0o700);
  });

  it('are whole in every process, while two save and two read and entries are evicted', async () => {
    const root = temporaryFolder('store');
    const module = new URL('../../../src/cache/directoryStore.ts', import.meta.url).href;
    const start = (role: string, file: string) =>
      promisify(execFile)(process.execPath, [
        '--no-warnings',
        '--input-type=module',
        '-e',
        WORKER,
        module,
        join(root, 'layouts'),
        join(root, file),
        role,
      ]);
    const all = await Promise.all([
      start('writer', 'a.tar'),
      start('writer', 'b.tar'),
      start('reader', 'c.tar'),
      start('reader', 'd.tar'),
    ]);
    const seen = new Set(all.flatMap(({ stdout }): unknown[] => JSON.parse(stdout)));
    seen.delete(`${1 << 20} 1`);
    expect([...seen]).toEqual([]);
    expect(readdirSync(join(root, 'layouts')).filter((name) => name.includes('.part-'))).toEqual([]);
    expect(existsSync(join(root, 'layouts', 'key3.tar'))).toBe(true);
  });
});

import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inventory, type Kept, overdue } from '../../../src/cache/inventory.ts';
import { clear, tidy } from '../../../src/cache/tidy.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const DAY = 86_400;
const NOW = Date.now();

/** A folder with files of ten bytes, each used so many days ago. */
function cache(files: Readonly<Record<string, number>>): string {
  const root = temporaryFolder('tidy');
  writeFileSync(join(root, 'tidied'), '');
  utimesSync(join(root, 'tidied'), NOW / 1000 - 2 * DAY, NOW / 1000 - 2 * DAY);
  for (const [path, days] of Object.entries(files)) {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, '0123456789');
    const time = NOW / 1000 - days * DAY;
    utimesSync(full, time, time);
    for (let at = dirname(full); at !== root; at = dirname(at)) utimesSync(at, time, time);
  }
  return root;
}

const FILES = {
  'layouts/new.tar': 1,
  'layouts/old.tar': 91,
  'built/old.tar': 91,
  'wheels/aa/a.whl': 1,
  'wheels/bb/b.whl': 31,
  'resolved/x.json': 31,
  'bytecode/old': 31,
  'bytecode/new': 1,
  'seen/x.json': 31,
  'seen/y.json': 1,
  'tools/pip-1/pip/main.py': 31,
  'tools/pip-2/pip/main.py': 1,
  'tools/pip-3.part-12-ab/main.py': 0.5,
  'tools/pip-4.part-13-cd/main.py': 2,
  'environments/e/bin/python': 31,
  'pex-root/a/b': 31,
};

describe('what exitproof keeps', () => {
  it('is all listed, sort by sort, the last used first, and what is half written is not', async () => {
    const kept = await inventory(cache(FILES));
    const names = kept.map(({ kind, entries }) => [kind.name, entries.map(({ name }) => name)]);
    expect(Object.fromEntries(names)).toEqual({
      layouts: ['new.tar', 'old.tar'],
      built: ['old.tar'],
      wheels: ['aa', 'bb'],
      resolved: ['x.json'],
      bytecode: ['new', 'old'],
      seen: ['y.json', 'x.json'],
      tools: ['pip-2', 'pip-4.part-13-cd', 'pip-1'],
      'pex-root': ['pex-root'],
      environments: ['e'],
    });
    expect(kept[0]?.entries[0]).toMatchObject({ size: 10 });
  });

  it('goes where it was not used for long', async () => {
    const root = cache(FILES);
    await tidy(root, NOW);
    const left = (folder: string) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
    expect(left('layouts')).toEqual(['new.tar']);
    expect(left('built')).toEqual([]);
    expect(left('wheels')).toEqual(['aa']);
    expect(left('resolved')).toEqual([]);
    expect(left('bytecode')).toEqual(['new']);
    expect(left('seen')).toEqual(['y.json']);
    expect(left('tools').sort()).toEqual(['pip-2', 'pip-3.part-12-ab', 'pip-4.part-13-cd']);
    expect(left('environments')).toEqual([]);
    expect(existsSync(join(root, 'pex-root'))).toBe(false);
    expect(existsSync(join(root, 'trash'))).toBe(false);
  });

  it('is looked at once a day', async () => {
    const root = cache({});
    await tidy(root, NOW);
    mkdirSync(join(root, 'layouts'));
    writeFileSync(join(root, 'layouts/old.tar'), '');
    utimesSync(join(root, 'layouts/old.tar'), 1, 1);
    await tidy(root, NOW);
    expect(readdirSync(join(root, 'layouts'))).toEqual(['old.tar']);
    await tidy(root, NOW + 2 * DAY * 1000);
    expect(readdirSync(join(root, 'layouts'))).toEqual([]);
  });

  it('stays below its limit: what was used least recently goes first', () => {
    const entry = (name: string, days: number) => {
      return { path: `/${name}`, name, size: 40, used: new Date(NOW - days * DAY * 1000) };
    };
    const kind = { name: 'tools', limit: 100, age: 30 * DAY * 1000, inPlace: true, whole: false };
    const kept: Kept = { kind, entries: [entry('a', 1), entry('b', 2), entry('c', 3), entry('d', 40)] };
    expect(overdue(kept, NOW).map(({ name }) => name)).toEqual(['c', 'd']);
  });

  it('is removed, but for the tools that a job works with', async () => {
    const root = cache(FILES);
    mkdirSync(join(root, 'jobs'));
    const note = join(root, 'jobs/job-1-s1-999-abcd');
    writeFileSync(note, '');
    const first = await clear(root);
    expect(first.jobs).toBe(1);
    expect(first.removed.map(({ kind }) => kind.name)).toEqual([
      ...['layouts', 'built', 'bytecode', 'wheels', 'resolved', 'seen'],
    ]);
    expect(readdirSync(join(root, 'tools')).sort()).toContain('pip-2');
    utimesSync(note, 1, 1);
    const second = await clear(root);
    expect(second).toMatchObject({ jobs: 0 });
    expect(readdirSync(join(root, 'tools'))).toEqual(['pip-3.part-12-ab']);
    expect(readdirSync(root).sort()).not.toContain('pex-root');
  });

  it('is left alone in a folder that is new', async () => {
    const root = cache(FILES);
    rmSync(join(root, 'tidied'));
    await tidy(root, NOW);
    expect(readdirSync(join(root, 'layouts')).sort()).toEqual(['new.tar', 'old.tar']);
  });

  it('is nothing where there is no folder, and tidying that is no fault', async () => {
    const root = join(temporaryFolder('tidy'), 'none');
    expect((await inventory(root)).flatMap(({ entries }) => entries)).toEqual([]);
    await tidy(root);
  });
});

import { describe, expect, test } from 'vitest';
import { entryFromSources, entryFromWheels, type SourceFacts } from '../../../src/build/entry.ts';
import type { WheelFacts } from '../../../src/build/wheelFile.ts';

const facts = (over: Partial<SourceFacts>): SourceFacts => ({
  name: 'app',
  scripts: [],
  mains: [],
  hasFile: () => false,
  hasModule: () => false,
  mayHaveModule: () => false,
  alone: false,
  ...over,
});

const wheel = (name: string, scripts: string[], modules: string[] = []): WheelFacts => ({
  name,
  version: '1',
  scripts,
  modules: new Set(modules),
});

describe('with nothing chosen', () => {
  test('the script named like the project comes first, however it is spelt', () => {
    const entry = entryFromSources(
      null,
      facts({ name: 'my-app', scripts: ['other', 'My_App'], mains: ['my_app'] }),
    );
    expect(entry).toMatchObject({ kind: 'script', name: 'My_App' });
  });

  test('then the only script, then __main__.py', () => {
    expect(entryFromSources(null, facts({ scripts: ['run'], mains: ['pkg'] }))).toMatchObject({
      name: 'run',
    });
    expect(entryFromSources(null, facts({ mains: ['pkg'] }))).toMatchObject({ kind: 'module', name: 'pkg' });
    expect(entryFromSources(null, facts({ scripts: ['a', 'b'], mains: ['pkg'] }))).toMatchObject({
      name: 'pkg',
    });
  });

  test('several scripts are a settings problem that lists them', () => {
    expect(() => entryFromSources(null, facts({ scripts: ['b', 'a'] }))).toThrow(/several scripts.*: a, b\./);
  });

  test('what only the build backend knows is asked of the wheels', () => {
    expect(entryFromSources(null, facts({ scripts: null }))).toBeNull();
    expect(
      entryFromWheels(null, facts({ name: null, scripts: null }), [wheel('app', ['x', 'app'])], []),
    ).toMatchObject({
      kind: 'script',
      name: 'app',
    });
    expect(() => entryFromWheels(null, facts({}), [wheel('lib', [], ['lib'])], [])).toThrow(
      /no console script/,
    );
  });
});

describe('an entry-point setting is tried in this order', () => {
  test('console script, then module:function, then file, then module', () => {
    const all = facts({ scripts: ['run'], hasFile: () => true, hasModule: () => true });
    expect(entryFromSources('run', all)).toMatchObject({ kind: 'script' });
    expect(entryFromSources('pkg.cli:main', all)).toMatchObject({ kind: 'function', target: 'pkg.cli:main' });
    expect(entryFromSources('run.py', all)).toMatchObject({ kind: 'file' });
    expect(entryFromSources('pkg.tool', { ...all, hasFile: () => false })).toMatchObject({ kind: 'module' });
  });

  test("a dependency's script is found in its wheel", () => {
    expect(entryFromSources('uvicorn', facts({ scripts: ['run'] }))).toBeNull();
    const entry = entryFromWheels(
      'uvicorn',
      facts({}),
      [wheel('app', ['run'])],
      [wheel('uvicorn', ['uvicorn'])],
    );
    expect(entry).toMatchObject({ kind: 'script', name: 'uvicorn' });
  });

  test('what can be in no wheel is refused before any is built, with the scripts that are there', () => {
    const alone = facts({ scripts: ['run'], alone: true });
    for (const wanted of ['rnu', 'gone.py']) {
      expect(() => entryFromSources(wanted, alone)).toThrow(
        expect.objectContaining({ kind: 'settings', hint: 'Console scripts: run.' }),
      );
    }
    expect(entryFromSources('tool', { ...alone, mayHaveModule: () => true })).toBeNull();
    expect(entryFromSources('tool', { ...alone, scripts: null })).toBeNull();
  });

  test('a package without __main__ cannot be run; an unknown name is a settings problem that lists the scripts', () => {
    const own = [wheel('app', ['run', 'walk'], ['app', 'app.cli', 'tool', 'tool.__main__'])];
    expect(entryFromWheels('tool', facts({}), own, [])).toMatchObject({ kind: 'module', name: 'tool' });
    expect(entryFromWheels('app.cli', facts({}), own, [])).toMatchObject({ kind: 'module' });
    for (const wanted of ['app', 'nope', '--help']) {
      expect(() => entryFromWheels(wanted, facts({}), own, [])).toThrow(
        expect.objectContaining({ kind: 'settings', hint: 'Console scripts: run, walk.' }),
      );
    }
  });
});

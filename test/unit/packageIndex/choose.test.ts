import { expect, test } from 'vitest';
import { sha256Of } from '../../../src/digest.ts';
import { chooseWheel } from '../../../src/packageIndex/choose.ts';
import { filesOn, type IndexFile } from '../../../src/packageIndex/page.ts';

const SUPPORTED = {
  version: '3.12.1',
  tags: [
    'cp312-cp312-manylinux_2_28_x86_64',
    'cp312-cp312-manylinux2014_x86_64',
    'cp39-abi3-linux_x86_64',
    'py312-none-any',
    'py3-none-any',
  ],
};

function file(filename: string, more: Partial<IndexFile> = {}): IndexFile {
  const url = new URL(`https://files.example/${filename}`);
  return { filename, url, sha256: sha256Of(filename), requiresPython: null, isYanked: false, ...more };
}

function chosen(
  files: readonly IndexFile[],
  locked: readonly string[] = files.map(({ sha256 }) => sha256),
): string | null {
  const pinned = { name: 'some-thing', version: '1.0', sha256: locked, marker: null };
  return chooseWheel(pinned, files, SUPPORTED)?.filename ?? null;
}

const PURE = 'some_thing-1.0-py2.py3-none-any.whl';
const OLDER = 'some_thing-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const NEWER = 'some_thing-1.0-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl';
const ABI3 = 'Some.Thing-1.0.0-cp39-abi3-linux_x86_64.whl';
const FOREIGN = 'some_thing-1.0-cp312-cp312-win_amd64.whl';
const SDIST = 'some_thing-1.0.tar.gz';

test.each([
  ['the best of the tags', [PURE, OLDER, SDIST, NEWER, FOREIGN], NEWER],
  ['the next one', [PURE, ABI3, FOREIGN], ABI3],
  ['one for any Python', [FOREIGN, PURE], PURE],
])('%s is taken', (_, names, expected) => {
  expect(chosen(names.map((name) => file(name)))).toBe(expected);
});

test.each<[string, readonly IndexFile[], (readonly string[])?]>([
  ['no wheel that fits', [file(FOREIGN), file(SDIST)]],
  ['no file', []],
  ['a hash of the lock that no file has', [file(PURE)], [sha256Of(PURE), sha256Of(NEWER)]],
  ['a lock without hashes', [file(PURE)], []],
  ['a file of another project', [file('other-1.0-py3-none-any.whl')]],
  ['a file of another version', [file(PURE), file('some_thing-1.1-py3-none-any.whl')]],
  [
    'two that only their build numbers tell apart',
    [file('some_thing-1.0-1-py3-none-any.whl'), file('some_thing-1.0-2-py3-none-any.whl')],
  ],
  ['a range of Pythons that is none', [file(PURE, { requiresPython: 'three' })]],
  ['a page that does not say for which Pythons', [file(PURE, { requiresPython: undefined })]],
  ['a wheel that was withdrawn beside an sdist that was not', [file(PURE, { isYanked: true }), file(SDIST)]],
  ['a Python that is not in its range', [file(PURE, { requiresPython: '<3.12' })]],
])('%s is left to pip', (_, files, locked) => {
  expect(chosen(files, locked)).toBeNull();
});

test('a wheel for other Pythons, or one that was withdrawn, comes after the others', () => {
  expect(
    chosen([file(NEWER, { requiresPython: '>=3.13' }), file(OLDER, { requiresPython: '>=3.9,!=3.10.*' })]),
  ).toBe(OLDER);
  expect(chosen([file(NEWER, { isYanked: true }), file(OLDER)])).toBe(OLDER);
  expect(chosen([file(NEWER, { isYanked: true })])).toBe(NEWER);
});

test('a page has its files by their hashes, and none with a name that leads elsewhere', () => {
  const entry = (filename: string, more = {}) => ({
    filename,
    url: `../../f/${filename}`,
    hashes: { sha256: sha256Of(filename) },
    ...more,
  });
  const files = [
    entry(PURE, { yanked: 'broken', 'requires-python': '>=3' }),
    entry('../x-1-py3-none-any.whl'),
    entry(NEWER),
  ];
  const page = JSON.stringify({ meta: { 'api-version': '1.4' }, name: 'some-thing', files });
  const wanted = new Set([PURE, '../x-1-py3-none-any.whl'].map((name) => sha256Of(name)));
  expect(filesOn(page, new URL('https://a.example/simple/some-thing/'), wanted)).toEqual([
    file(PURE, { url: new URL(`https://a.example/f/${PURE}`), isYanked: true, requiresPython: '>=3' }),
  ]);
});

test.each(['<html>', '{}', '{"meta":{"api-version":"2.0"},"files":[]}'])('%s is no page', (text) => {
  expect(() => filesOn(text, new URL('https://a.example/'), new Set())).toThrow();
});

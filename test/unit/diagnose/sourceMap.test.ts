import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { candidatesFor, projectFiles } from '../../../src/diagnose/project.ts';
import { sourceMap } from '../../../src/diagnose/sourceMap.ts';
import { readZipEntry } from '../../../src/diagnose/zipEntry.ts';
import { pythons } from '../../support/pythons.ts';

const WORKER = `import time


def poll_queue(jobs):
    while True:
        jobs.get()


def rest():
    time.sleep(1800)
`;
const SITE = 'venv/lib/python3.12/site-packages';

let folder: string;
const at = (path: string) => join(folder, path);
const write = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
const frame = (file: string, line: number, name = 'poll_queue') => ({ function: name, file: at(file), line });
const map = async () => sourceMap(await projectFiles(at('checkout'), 'uploader'));

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'exitproof-source-')));
  write('checkout/src/uploader/__init__.py', '');
  write('checkout/src/uploader/worker.py', WORKER);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a packaged line in the checkout', () => {
  test('the same file is exact, wherever it was packed', async () => {
    write(`${SITE}/uploader/worker.py`, WORKER);
    const { locate } = await map();
    expect(locate(frame(`${SITE}/uploader/worker.py`, 6))).toEqual({
      path: 'src/uploader/worker.py',
      line: 6,
      exact: true,
    });
  });

  test('the checkout itself is exact', async () => {
    const { locate } = await map();
    expect(locate(frame('checkout/src/uploader/worker.py', 6))?.exact).toBe(true);
  });

  test('a file that PEX gave a name of its own is found by its content alone', async () => {
    write('checkout/tools/app.py', WORKER);
    write(`${SITE}/__pex_executable__.py`, WORKER.replace('1800', '1801'));
    const packaged = frame(`${SITE}/__pex_executable__.py`, 6);
    expect((await map()).locate(packaged)).toBeNull();
    write('checkout/tools/app.py', WORKER.replace('1800', '1801'));
    expect((await map()).locate(packaged)).toEqual({ path: 'tools/app.py', line: 6, exact: true });
  });

  test('a packaged copy that differs is matched by its text', async () => {
    write(`${SITE}/uploader/worker.py`, `# built\n# with a header\n${WORKER}`);
    const { locate } = await map();
    expect(locate(frame(`${SITE}/uploader/worker.py`, 8))).toEqual({
      path: 'src/uploader/worker.py',
      line: 6,
      exact: false,
    });
  });

  test('of equal lines the one with the same lines around it is taken', async () => {
    const twice = `def a():\n    x = 1\n    wait()\n    return x\n\n\ndef b():\n    y = 2\n    wait()\n    return y\n`;
    write('checkout/src/uploader/twice.py', twice);
    // Shifted so far that the nearest of the equal lines is the other one.
    write(`${SITE}/uploader/twice.py`, `${'import sys\n'.repeat(6)}${twice}`);
    const { locate } = await map();
    expect(locate(frame(`${SITE}/uploader/twice.py`, 15, 'b'))).toEqual({
      path: 'src/uploader/twice.py',
      line: 9,
      exact: false,
    });
    expect(locate(frame(`${SITE}/uploader/twice.py`, 9, 'a'))).toEqual({
      path: 'src/uploader/twice.py',
      line: 3,
      exact: false,
    });
  });

  test('a line that is gone leads to its function, and a function that is gone nowhere', async () => {
    write(`${SITE}/uploader/worker.py`, WORKER.replace('jobs.get()', 'jobs.get(timeout=None)'));
    const { locate } = await map();
    expect(locate(frame(`${SITE}/uploader/worker.py`, 6))).toEqual({
      path: 'src/uploader/worker.py',
      line: 4,
      exact: false,
    });
    expect(locate(frame(`${SITE}/uploader/worker.py`, 6, 'gone'))).toBeNull();
  });

  test("of a frozen program, which carries no source, the line is taken where it is the function's", async () => {
    const { locate } = await map();
    const path = 'src/uploader/worker.py';
    const frozen = (line: number) => ({ ...frame('', line), file: 'uploader/worker.py' });
    expect(locate(frozen(6))).toEqual({ path, line: 6, exact: false });
    expect(locate(frozen(10))).toEqual({ path, line: 4, exact: false });
  });

  test('a library that only has the same base name is not ours', async () => {
    write(`${SITE}/celery/worker.py`, 'def poll_queue():\n    pass\n');
    const { locate } = await map();
    expect(locate(frame(`${SITE}/celery/worker.py`, 1))).toBeNull();
  });

  test.skipIf(pythons().length === 0)('an entry of a zipapp is read from the zip', async () => {
    const [python] = pythons();
    write('checkout/tool/__main__.py', WORKER);
    execFileSync(python?.path ?? '', [
      '-m',
      'zipapp',
      at('checkout/tool'),
      '-o',
      at('tool.pyz'),
      '-p',
      '/usr/bin/env python3',
    ]);
    expect(readZipEntry(at('tool.pyz'), '__main__.py')?.toString()).toBe(WORKER);
    expect(readZipEntry(at('tool.pyz'), 'other.py')).toBeNull();
    expect(readZipEntry(at('checkout/tool/__main__.py'), 'x')).toBeNull();
    const { locate } = await map();
    expect(locate(frame('tool.pyz/__main__.py', 6))).toEqual({
      path: 'tool/__main__.py',
      line: 6,
      exact: true,
    });
  });

  test('nothing outside of the checkout is read or named, links included', async () => {
    write('secret/worker.py', WORKER);
    symlinkSync(at('secret'), at('checkout/src/linked'));
    execFileSync('git', ['-C', at('checkout'), 'init', '-q']);
    symlinkSync(at('secret/worker.py'), at('checkout/stolen.py'));
    write(`${SITE}/stolen.py`, WORKER);
    const { locate } = await map();
    expect(locate(frame('secret/worker.py', 6))?.path).toBe('src/uploader/worker.py');
    rmSync(at('checkout/src/uploader'), { recursive: true });
    const { locate: without } = await map();
    expect(without(frame('secret/worker.py', 6))).toBeNull();
    expect(without(frame(`${SITE}/stolen.py`, 6))).toBeNull();
    expect(without(frame('checkout/stolen.py', 6))).toBeNull();
  });

  test('what has no file has no line', async () => {
    const { locate } = await map();
    expect(locate({ function: 'f', file: '<string>', line: 1 })).toBeNull();
    expect(locate({ function: 'f', file: null, line: 1 })).toBeNull();
    expect(
      locate({ function: 'poll_queue', file: at('checkout/src/uploader/worker.py'), line: 9999 })?.line,
    ).toBe(4);
  });
});

test("a function's body ends where the indentation does", async () => {
  const { functionBody } = await map();
  const body = functionBody(frame('checkout/src/uploader/worker.py', 6));
  expect(body?.join('\n').trimEnd()).toBe('def poll_queue(jobs):\n    while True:\n        jobs.get()');
});

describe("the project's files", () => {
  test("in a repository they are git's, without what is ignored", async () => {
    write('checkout/.gitignore', 'out/\n');
    write('checkout/out/uploader/worker.py', WORKER);
    write('checkout/new.py', '');
    execFileSync('git', ['-C', at('checkout'), 'init', '-q']);
    const { files } = await projectFiles(at('checkout'), null);
    expect(files.toSorted()).toEqual(['new.py', 'src/uploader/__init__.py', 'src/uploader/worker.py']);
  });

  test('a module is found below any import root, but not within a package', async () => {
    write('checkout/src/uploader/vendor/__init__.py', '');
    write('checkout/src/uploader/vendor/six.py', '');
    const project = await projectFiles(at('checkout'), null);
    expect(candidatesFor('uploader/worker.py', project)).toEqual(['src/uploader/worker.py']);
    expect(candidatesFor('src/uploader/worker.py', project)).toEqual(['src/uploader/worker.py']);
    expect(candidatesFor('worker.py', project)).toEqual([]);
    expect(candidatesFor('six.py', project)).toEqual([]);
  });
});

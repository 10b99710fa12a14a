import { describe, expect, test } from 'vitest';
import { frameKind, modulePath, NO_KNOWLEDGE, normalised } from '../../../src/diagnose/frameKind.ts';

const HASH = 'e13151925c8eedf0477823175c6c167c88975293';
const KNOWLEDGE = {
  distribution: 'my-app',
  ownsModule: (path: string) => path === 'my_app/work.py',
  packagerFiles: ['/out/launcher/'],
};

describe('whose a frame is', () => {
  test.each([
    ['/src/main.py', 'user'],
    ['main.py', 'user'],
    ['/app.pyz/main.py', 'user'],
    ['/app.pyz/__main__.py', 'user'],
    ['<string>', 'user'],
    ['<stdin>', 'user'],
    [`/r/user_code/0/${HASH}/work.py`, 'user'],
    [`/r/unzipped_pexes/1/${HASH}/work.py`, 'user'],
    ['/v/lib/python3.12/site-packages/my_app/work.py', 'user'],
    [
      `/r/installed_wheels/0/${HASH}${HASH.slice(0, 24)}/my_app-1.0-py3-none-any.whl/my_app/deep/x.py`,
      'user',
    ],
    [`/app.pex/.deps/my_app-1.0-py3-none-any.whl/my_app/x.py`, 'user'],
    ['/v/lib/python3.12/site-packages/requests/api.py', 'installed'],
    ['/usr/lib/python3/dist-packages/yaml/__init__.py', 'installed'],
    [`/r/installed_wheels/0/${HASH}/requests-2.0-py3-none-any.whl/requests/api.py`, 'installed'],
    ['/root/.shiv/app_1234/site-packages/click/core.py', 'installed'],
    ['<attrs generated init my_app.X>', 'installed'],
    ['/usr/lib/python3.12/threading.py', 'stdlib'],
    ['/opt/py/lib/python3.13t/threading.py', 'stdlib'],
    ['/usr/lib64/python3.9/concurrent/futures/thread.py', 'stdlib'],
    ['threading.py', 'stdlib'],
    ['concurrent/futures/thread.py', 'stdlib'],
    ['<frozen importlib._bootstrap>', 'stdlib'],
    ['/tmp/_MEI123/base_library.zip/threading.py', 'stdlib'],
    [`/r/unzipped_pexes/1/${HASH}/.bootstrap/pex/common.py`, 'packager'],
    [`/r/unzipped_pexes/1/${HASH}/__main__.py`, 'packager'],
    [`/r/venvs/1/${HASH}/${HASH}/pex`, 'packager'],
    ['/v/lib/python3.12/site-packages/pex/venv/x.py', 'packager'],
    ['/out/launcher/run.py', 'packager'],
    ['pyiboot01_bootstrap.py', 'packager'],
    ['C:\\Python312\\lib\\site-packages\\requests\\api.py', 'installed'],
  ] as const)('%s is %s', (file, kind) => {
    expect(frameKind({ function: 'f', file, line: 1 }, KNOWLEDGE)).toBe(kind);
  });

  test('a C frame is native, and a frame without a file is taken for the user', () => {
    expect(frameKind({ function: 'f', file: '/lib/libc.so.6', line: null, native: true }, NO_KNOWLEDGE)).toBe(
      'native',
    );
    expect(frameKind({ function: 'f', file: null, line: null }, NO_KNOWLEDGE)).toBe('user');
  });

  test('names of distributions are compared as indexes do', () => {
    expect(normalised('My_App.x--y')).toBe('my-app-x-y');
  });
});

test.each([
  ['/v/lib/python3.12/site-packages/my_app/work.py', 'my_app/work.py'],
  [`/r/installed_wheels/0/${HASH}/a-1-py3-none-any.whl/a/b.py`, 'a/b.py'],
  [`/r/user_code/0/${HASH}/a/b.py`, 'a/b.py'],
  ['/x/app.pyz/a/b.py', 'a/b.py'],
  ['a/b.py', 'a/b.py'],
  ['/src/a/b.py', null],
  ['<string>', null],
])('below its import root %s is %s', (file, module) => {
  expect(modulePath(file)).toBe(module);
});

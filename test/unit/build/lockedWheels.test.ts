import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LockedWheels, lockedWheels } from '../../../src/build/lockedWheels.ts';
import { isBuiltHere, linesOf, lockLines, pinnedOf } from '../../../src/build/lockLines.ts';
import { describeWheel } from '../../../src/build/wheelFile.ts';
import { directoryStore } from '../../../src/cache/directoryStore.ts';
import type { Cache } from '../../../src/cache/openStore.ts';
import { type CacheChoice, cachePolicy } from '../../../src/cache/policy.ts';
import type { Log } from '../../../src/log.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** Of what is left, the lines. */
async function taken(locked: LockedWheels, folder: string) {
  const { left, ...others } = await locked.take(folder);
  return { ...others, left: left.requirements.map(({ text }) => text) };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const READY = `ready==1.0 --hash=sha256:${sha256('ready-made')} --hash=sha256:${sha256('its sdist')}`;
const NATIVE = `Native.Thing==2.0 ; python_version > '3' --hash=sha256:${sha256('only an sdist')}`;
const NEWER = `ready==1.1 --hash=sha256:${sha256('newer')}`;
const READY_FILE = 'ready-1.0-py3-none-any.whl';
const NATIVE_FILE = 'native_thing-2.0-cp312-cp312-linux_x86_64.whl';

/** Jobs that share one cache for the wheels that were built, each on a machine of its own. */
function farm() {
  const root = temporaryFolder('farm');
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const log: Log = {
    stage: (_, body) => body(),
    info: say,
    debug: say,
    notice: say,
    warning: say,
    passthrough: () => undefined,
  };
  let jobs = 0;
  const job = (
    hashed: readonly string[],
    options: { choice?: CacheChoice; home?: string; bound?: string } = {},
  ) => {
    jobs += 1;
    const { choice = 'on', home = `home${jobs}`, bound = 'cp312' } = options;
    const work = join(root, `work${jobs}`);
    const folder = join(work, 'wheelhouse');
    mkdirSync(folder, { recursive: true });
    const open = (name: string) =>
      directoryStore({ folder: join(root, name), file: join(work, `${name}.tar`) });
    const policy = cachePolicy(choice, { name: null, ref: null });
    const cache: Cache = { policy, store: open('layouts'), wheels: open('built') };
    const context = { log, work, env: { XDG_CACHE_HOME: join(root, home) } };
    const locked = lockedWheels({ hashed, bound: [bound], label: 'app', cache, context });
    const make = async (file: string, text: string) => {
      writeFileSync(join(folder, file), text);
      return describeWheel(join(folder, file));
    };
    return { locked, folder, make };
  };
  /** What the first job does: it has nothing, collects all and keeps it. */
  const first = async (home: string): Promise<void> => {
    const { locked, folder, make } = job([READY, NATIVE], { home });
    expect(await taken(locked, folder)).toMatchObject({ left: [READY, NATIVE], built: [] });
    await locked.keep([await make(READY_FILE, 'ready-made'), await make(NATIVE_FILE, 'built')]);
  };
  const entries = () => readdirSync(join(root, 'built')).map((name) => join(root, 'built', name));
  return { job, first, entries, lines };
}

describe('the wheels of a lock', () => {
  test('come back on the same machine, all of them', async () => {
    const { job, first } = farm();
    await first('here');
    const { locked, folder } = job([NATIVE, READY], { home: 'here' });
    const { wheels, ...others } = await taken(locked, folder);
    expect(others).toEqual({ left: [], built: ['native-thing'] });
    expect(readdirSync(folder).sort()).toEqual([NATIVE_FILE, READY_FILE].sort());
    const there = await Promise.all(wheels.map(({ path }) => describeWheel(path)));
    expect(wheels).toEqual(there);
    expect(wheels).toHaveLength(2);
    await locked.keep([]);
    const { locked: again, folder: other } = job([NATIVE, READY], { home: 'here' });
    await again.take(other);
    expect(readdirSync(other)).toHaveLength(2);
  });

  test('come back on another machine where they were built; ready-made ones are left to the index', async () => {
    const { job, first, entries } = farm();
    await first('here');
    const { locked, folder } = job([READY, NATIVE]);
    expect(await taken(locked, folder)).toMatchObject({ left: [READY], built: ['native-thing'] });
    expect(readdirSync(folder)).toEqual([NATIVE_FILE]);
    expect(readFileSync(join(folder, NATIVE_FILE), 'utf8')).toBe('built');
    const [entry = ''] = entries();
    expect(readFileSync(entry).includes('ready-made')).toBe(false);
  });

  test('come back for a lock in which other lines have changed, and are then kept for that one', async () => {
    const { job, first, entries } = farm();
    await first('here');
    const { locked, folder, make } = job([NEWER, NATIVE]);
    expect(await taken(locked, folder)).toMatchObject({ left: [NEWER], built: ['native-thing'] });
    await locked.keep([await make('ready-1.1-py3-none-any.whl', 'newer')]);
    expect(entries()).toHaveLength(2);
    const { locked: again, folder: other } = job([NEWER, NATIVE]);
    expect(await taken(again, other)).toMatchObject({ built: ['native-thing'] });
  });

  test.each([
    ['an sdist with another hash', [READY, NATIVE.replace(/sha256:../, 'sha256:00')], 'cp312'],
    ['another interpreter', [READY, NATIVE], 'cp313'],
  ])('are none for %s', async (_, hashed, bound) => {
    const { job, first } = farm();
    await first('here');
    const { locked, folder } = job(hashed, { home: 'here', bound });
    expect(await taken(locked, folder)).toMatchObject({ left: hashed, built: [] });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [
      'a flipped byte',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('built', 'bUilt'), 'latin1'),
    ],
    ['a cut entry', (bytes: Buffer) => bytes.subarray(0, 1500)],
    ['another file', () => Buffer.from('<html>')],
    ['nothing', () => Buffer.alloc(0)],
  ])('that come back with %s are built anew, and heal by the next save', async (_, broken) => {
    const { job, first, entries, lines } = farm();
    await first('here');
    const [entry = ''] = entries();
    writeFileSync(entry, broken(readFileSync(entry)));
    const { locked, folder, make } = job([READY, NATIVE]);
    expect(await taken(locked, folder)).toMatchObject({ left: [READY, NATIVE], built: [] });
    expect(readdirSync(folder)).toEqual([]);
    expect(lines.join('\n')).toContain('the cached wheels are not what was saved, and are built anew: ');
    await locked.keep([await make(READY_FILE, 'ready-made'), await make(NATIVE_FILE, 'built')]);
    const { locked: healed, folder: other } = job([READY, NATIVE]);
    expect(await taken(healed, other)).toMatchObject({ built: ['native-thing'] });
  });

  test('that were built are not taken where the cache may not be read, nor kept where it may not be written', async () => {
    const { job, first, entries } = farm();
    await first('here');
    const off = job([READY, NATIVE], { home: 'here', choice: 'off' });
    expect(await taken(off.locked, off.folder)).toMatchObject({ left: [READY, NATIVE], built: [] });
    expect(readdirSync(off.folder)).toEqual([]);
    const read = job([NEWER, NATIVE], { choice: 'read' });
    expect(await taken(read.locked, read.folder)).toMatchObject({ built: ['native-thing'] });
    await read.locked.keep([]);
    expect(entries()).toHaveLength(1);
  });

  test('that are all ready-made are taken whatever the cache may: the lock names their bytes', async () => {
    const { job, entries } = farm();
    const { locked, folder, make } = job([READY], { home: 'here', choice: 'off' });
    await locked.take(folder);
    await locked.keep([await make(READY_FILE, 'ready-made')]);
    const { locked: again, folder: other } = job([READY], { home: 'here', choice: 'off' });
    expect(await taken(again, other)).toMatchObject({ left: [], built: [] });
    expect(() => entries()).toThrow();
  });
});

test('a wheel belongs to the line of its name and version, however either is written', () => {
  const lines = lockLines([
    `--index-url https://x.invalid\n# a comment\n${NATIVE}\nurl @ https://x.invalid/u.zip --hash=sha256:aa`,
  ]);
  expect(lines.options).toEqual(['--index-url https://x.invalid']);
  expect(linesOf(lines, 'native_thing-2-py3-none-any.whl')).toHaveLength(1);
  expect(linesOf(lines, 'native_thing-2.1-py3-none-any.whl')).toEqual([]);
  expect(linesOf(lines, 'url-9-py3-none-any.whl')).toHaveLength(1);
  const wheel = (hash: string) => ({ path: '/w/url-9-py3-none-any.whl', name: 'url', sha256: hash });
  expect([isBuiltHere(lines, wheel('aa')), isBuiltHere(lines, wheel('bb'))]).toEqual([false, true]);
});

const HASH = `--hash=sha256:${sha256('x')}`;

test.each([
  [`some_thing==1.0 ${HASH}`, 'some-thing', '1.0', null, 1],
  [
    `Some.Thing[a,b] == 1.0+cpu ; python_version > '3' ${HASH} ${HASH}`,
    'some-thing',
    '1.0+cpu',
    "python_version > '3'",
    2,
  ],
  [
    `x==1!2.0rc1; a == 'b' and c == 'd' \\\n    ${HASH} \\\n    ${HASH}`,
    'x',
    '1!2.0rc1',
    "a == 'b' and c == 'd'",
    2,
  ],
])('an index can be asked for %s', (line, name, version, marker, hashes) => {
  const [only, ...others] = lockLines([line]).requirements.map(pinnedOf);
  expect(only).toEqual({ name, version, marker, sha256: Array(hashes).fill(sha256('x')) });
  expect(others).toEqual([]);
});

test.each([
  `x==1.* ${HASH}`,
  `x===1.0 ${HASH}`,
  `x>=1.0 ${HASH}`,
  `x==1.0,<2 ${HASH}`,
  `x @ https://x.invalid/x-1.0-py3-none-any.whl ${HASH}`,
  `./x-1.0-py3-none-any.whl ${HASH}`,
  `x==1.0 --config-settings=a=b ${HASH}`,
  `x==1.0 ${HASH} --global-option=a`,
  `x==1.0 --hash=sha512:${'a'.repeat(128)}`,
  `x==1.0 ${HASH} --hash=sha512:${'a'.repeat(128)}`,
  `x==\${VERSION} ${HASH}`,
])('only pip knows what is meant by %s', (line) => {
  expect(lockLines([line]).requirements.map(pinnedOf)).toEqual([null]);
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { sha256Of } from '../../../src/digest.ts';
import type { Pinned } from '../../../src/packageIndex/choose.ts';
import { fetchPinned } from '../../../src/packageIndex/fetchPinned.ts';
import type { IndexFile } from '../../../src/packageIndex/page.ts';
import { packageIndex, type Speech } from '../../support/packageIndex.ts';
import { quietLog } from '../../support/quietLog.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const ONE = 'one-1.0-py3-none-any.whl';
const TWO = 'two-1.0-py3-none-any.whl';

function pin(file: string, more: Partial<Pinned> = {}): Pinned {
  const [name = '', version = ''] = file.split('-');
  return { name, version, sha256: [sha256Of(file)], marker: null, ...more };
}

/** An index whose files say their own names. */
async function indexOf(files: readonly string[], speech: Speech = {}) {
  const folder = temporaryFolder('index');
  for (const file of files) writeFileSync(join(folder, file), file);
  const index = await packageIndex(folder, null, { json: () => ({}), ...speech });
  closing.push(index.close);
  return index;
}

interface Options {
  readonly indexes: readonly string[];
  readonly login?: string;
  readonly cancel?: AbortSignal;
  readonly have?: (file: IndexFile, path: string) => Promise<boolean>;
}

async function fetch(
  pinned: readonly Pinned[],
  { indexes, login, cancel, have = async () => false }: Options,
) {
  const folder = temporaryFolder('fetched');
  const told = { version: '3.12.1', tags: ['py3-none-any'], holds: (marker: string) => marker === 'yes' };
  const { wheels, left } = await fetchPinned({
    pinned,
    places: { indexes, certificates: null, mayWantLogin: (host) => host === login },
    folder,
    told,
    have,
    what: 'Fetching',
    context: { log: quietLog, ...(cancel && { cancel }) },
    silence: 300,
  });
  for (const { path, sha256 } of wheels) expect(sha256Of(readFileSync(path))).toBe(sha256);
  expect(readdirSync(folder).sort()).toEqual(wheels.map(({ path }) => path.slice(folder.length + 1)).sort());
  return { got: wheels.map(({ name }) => name).sort(), left: left.map(({ name }) => name) };
}

test('what the index has ready-made comes, and what it has not is left to pip', async () => {
  const index = await indexOf([ONE, 'two-1.0.tar.gz']);
  const pinned = [pin(ONE), pin('two-1.0.tar.gz', { version: '1.0' }), pin('gone-1.0-py3-none-any.whl')];
  expect(await fetch(pinned, { indexes: [index.url] })).toEqual({ got: ['one'], left: ['two', 'gone'] });
});

test('a line whose marker does not hold is neither asked for nor left', async () => {
  const index = await indexOf([ONE, TWO]);
  const pinned = [pin(ONE, { marker: 'no' }), pin(TWO, { marker: 'yes' })];
  expect(await fetch(pinned, { indexes: [index.url] })).toEqual({ got: ['two'], left: [] });
  expect(index.served).not.toContain('/simple/one/');
});

test('two lines for one package are left to pip, unless the markers tell which one is meant', async () => {
  const other = 'one-2.0-py3-none-any.whl';
  const index = await indexOf([ONE, TWO, other]);
  const both = [pin(ONE), pin(other, { marker: 'yes' }), pin(TWO), pin(TWO)];
  expect(await fetch(both, { indexes: [index.url] })).toEqual({
    got: [],
    left: ['one', 'one', 'two', 'two'],
  });
  const either = [pin(ONE, { marker: 'no' }), pin(other, { marker: 'yes' })];
  expect(await fetch(either, { indexes: [index.url] })).toEqual({ got: ['one'], left: [] });
});

test('a page may come packed', async () => {
  const index = await indexOf([ONE], { isPacked: true });
  expect(await fetch([pin(ONE)], { indexes: [index.url] })).toEqual({ got: ['one'], left: [] });
});

test('the next index is asked for what the first does not have, and for nothing else', async () => {
  const [first, second] = [await indexOf([ONE]), await indexOf([TWO])];
  const { got } = await fetch([pin(ONE), pin(TWO)], { indexes: [first.url, second.url] });
  expect(got).toEqual(['one', 'two']);
  expect(second.served).toEqual(['/simple/two/', `/files/${TWO}`]);
});

test('what is here already is not asked for', async () => {
  const index = await indexOf([ONE]);
  const have = async ({ filename }: IndexFile, path: string) => {
    writeFileSync(path, filename);
    return true;
  };
  expect(await fetch([pin(ONE)], { indexes: [index.url], have })).toMatchObject({ got: ['one'] });
  expect(index.served).toEqual(['/simple/one/']);
});

test('a file is fetched from no host that would have to be trusted, and none with a login', async () => {
  for (const host of ['0.0.0.0', 'me:secret@127.0.0.1']) {
    const index = await indexOf([ONE], {
      json: (file) => ({ url: `http://${host}:${new URL(index.url).port}/files/${file}` }),
    });
    expect(await fetch([pin(ONE)], { indexes: [index.url] })).toEqual({ got: [], left: ['one'] });
    expect(index.served).toEqual(['/simple/one/']);
  }
});

test('what is cancelled leaves no half file, and no connection', async () => {
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    if (request.url?.startsWith('/simple/') === true) {
      const file = {
        filename: ONE,
        url: '/files/one',
        hashes: { sha256: sha256Of(ONE) },
        'requires-python': null,
      };
      response.writeHead(200, { 'Content-Type': 'application/vnd.pypi.simple.v1+json' });
      response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, files: [file] }));
    } else {
      response.write('one');
      setTimeout(() => cancel.abort(), 50);
    }
  });
  const cancel = new AbortController();
  const url = await listen(server);
  expect(await fetch([pin(ONE)], { indexes: [url], cancel: cancel.signal })).toEqual({
    got: [],
    left: ['one'],
  });
  await expect.poll(() => open).toBe(0);
});

test.each<[string, Speech]>([
  ['gives another file than it said', { bytes: () => Buffer.from('other') }],
  ['names no file', { json: () => ({ url: '/files/nothing' }) }],
  ['has a page that is none', { json: () => ({ hashes: 1 }) }],
])('an index that %s has nothing taken from it', async (_, speech) => {
  const index = await indexOf([ONE], speech);
  expect(await fetch([pin(ONE)], { indexes: [index.url] })).toEqual({ got: [], left: ['one'] });
});

test('an index that may want a login from a netrc file is not asked', async () => {
  const index = await indexOf([ONE]);
  const asked = { indexes: [index.url], login: '127.0.0.1' };
  expect(await fetch([pin(ONE)], asked)).toEqual({ got: [], left: ['one'] });
  expect(index.served).toEqual([]);
});

test.each<[string, number, Readonly<Record<string, string>>]>([
  ['speaks HTML alone', 200, { 'Content-Type': 'text/html' }],
  ['sends its clients elsewhere', 301, { Location: 'http://127.0.0.1:1/simple/' }],
  ['wants a login', 401, {}],
  ['is ill', 503, {}],
])('an index that %s is not asked for one after the other', async (_, status, headers) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status, headers).end('');
  });
  const url = await listen(server);
  const many = Array.from({ length: 40 }, (_each, place) => pin(`p${place}-1.0-py3-none-any.whl`));
  expect(await fetch(many, { indexes: [url] })).toMatchObject({ got: [] });
  expect(asked).toBeLessThan(20);
});

test.each([
  ['before its page', ''],
  ['within its page', '{"meta":'],
])('an index that falls silent %s is given up', async (_, begin) => {
  const server = createServer((_request, response) => {
    if (begin === '') return;
    response.writeHead(200, { 'Content-Type': 'application/vnd.pypi.simple.v1+json' });
    response.write(begin);
  });
  const url = await listen(server);
  expect(await fetch([pin(ONE), pin(TWO)], { indexes: [url] })).toEqual({ got: [], left: ['one', 'two'] });
});

test('nobody listens: all of it is left to pip, which has words for it', async () => {
  expect(await fetch([pin(ONE)], { indexes: ['http://127.0.0.1:9/simple'] })).toEqual({
    got: [],
    left: ['one'],
  });
});

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/simple`;
}

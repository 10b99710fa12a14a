import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { asset } from '../../../src/assets.ts';
import { anyPython } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const WHEEL = Buffer.from('not really a wheel');
const SHA256 = createHash('sha256').update(WHEEL).digest('hex');

/** A simple index that wants a login, and counts what it is asked. */
async function index(): Promise<{ url: string; asked: string[]; close: () => void }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? '-'}`);
    if (request.url === '/simple/pip/') {
      response.end(
        '<a href="../../files/pip-1.0-py3-none-any.whl#sha256=x">a</a><a href="/files/pip-2.0.tar.gz">b</a>',
      );
    } else if (request.url === '/files/pip-1.0-py3-none-any.whl') {
      response.end(WHEEL);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://user:pa%20ss@127.0.0.1:${port}/simple`, asked, close: () => server.close() };
}

async function fetchWheel(python: string, url: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], PIP_INDEX_URL: url, HOME: temporaryFolder(), NO_PROXY: '*' };
  return await promisify(execFile)(python, ['-I', asset('locks', 'fetch_wheel.py'), ...args], { env }).then(
    () => 'ok',
    (error: { stderr?: string }) => error.stderr ?? '',
  );
}

test('a Python without any pip gets the locked one from the index that the user named, and no other', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const server = await index();
  const folder = temporaryFolder();
  try {
    expect(await fetchWheel(python, server.url, ['pip', '1.0', folder, SHA256])).toBe('ok');
    expect(readdirSync(folder)).toEqual(['pip-1.0-py3-none-any.whl']);
    const login = `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
    expect(server.asked).toEqual([`/simple/pip/ ${login}`, `/files/pip-1.0-py3-none-any.whl ${login}`]);
  } finally {
    server.close();
  }
});

test('a wheel with another hash is not kept, one that is missing is named', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const server = await index();
  const folder = temporaryFolder();
  try {
    expect(await fetchWheel(python, server.url, ['pip', '1.0', folder, '0'.repeat(64)])).toMatch(
      /another hash/,
    );
    expect(await fetchWheel(python, server.url, ['pip', '3.0', folder, SHA256])).toMatch(
      /No matching distribution found for pip==3\.0/,
    );
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    server.close();
  }
});

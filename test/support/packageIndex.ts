import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A double of a private package index: the simple pages of a folder of distributions, behind a login. */
export interface PackageIndex {
  /** `http://127.0.0.1:PORT/simple`, as it stands in a lock. */
  readonly url: string;
  /** The same with user and password. */
  readonly urlWithLogin: string;
  readonly host: string;
  /** Path of each request that was let in. */
  readonly served: string[];
  /** How many came without the right login; pip asks once without, and again with what a netrc file says. */
  refused(): number;
  /** Argument lists in which the password stood while a request was answered: others on the machine can read those. */
  readonly overheard: string[];
  close(): Promise<void>;
}

export interface IndexLogin {
  readonly user: string;
  readonly password: string;
}

/** How it speaks to a client that asks for more than HTML (PEP 691). */
export interface Speech {
  /** For one file, by its name: what its entry has beside name, address and hash. */
  readonly json?: (file: string) => Readonly<Record<string, unknown>>;
  /** What is sent in the place of a file. */
  readonly bytes?: (file: string) => Buffer;
  readonly isPacked?: boolean;
}

export async function packageIndex(
  folder: string,
  login: IndexLogin | null,
  { json, bytes = (file) => readFileSync(join(folder, file)), isPacked = false }: Speech = {},
): Promise<PackageIndex> {
  const served: string[] = [];
  const overheard: string[] = [];
  let refused = 0;
  const wanted = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (login !== null) overheard.push(...argumentsWith(login.password));
    if (wanted !== null && request.headers.authorization !== wanted) {
      refused += 1;
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="private"' }).end();
      return;
    }
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    served.push(path);
    const [, area, name = ''] = path.split('/');
    const files = readdirSync(folder);
    if (area === 'files' && files.includes(name)) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      response.end(bytes(name));
      return;
    }
    const own = files.filter((file) => normalised(file.split('-')[0] ?? '') === name);
    if (area !== 'simple' || own.length === 0) {
      response.writeHead(404).end();
      return;
    }
    if (json !== undefined && request.headers.accept?.includes(JSON_PAGE) === true) {
      const entries = own.map((file) => {
        const hashes = { sha256: sha256(join(folder, file)) };
        return { filename: file, url: `/files/${file}`, hashes, 'requires-python': null, ...json(file) };
      });
      const page = Buffer.from(JSON.stringify({ meta: { 'api-version': '1.1' }, name, files: entries }));
      const encoding = isPacked ? { 'Content-Encoding': 'gzip' } : {};
      response.writeHead(200, { 'Content-Type': JSON_PAGE, ...encoding });
      response.end(isPacked ? gzipSync(page) : page);
      return;
    }
    const links = own.map(
      (file) => `<a href="/files/${file}#sha256=${sha256(join(folder, file))}">${file}</a>`,
    );
    response
      .writeHead(200, { 'Content-Type': 'text/html' })
      .end(`<!DOCTYPE html><body>${links.join('\n')}</body>`);
  };
  const { host, close } = await listen(createServer(answer));
  const at = (userinfo: string): string => `http://${userinfo}${host}/simple`;
  return {
    url: at(''),
    urlWithLogin: at(login === null ? '' : `${login.user}:${encodeURIComponent(login.password)}@`),
    host,
    served,
    refused: () => refused,
    overheard,
    close,
  };
}

/** A proxy that lets nothing through, and tells who was asked for: what would have left the machine. */
export interface WallProxy {
  readonly url: string;
  /** `host:port` of a tunnel, or an address. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function wallProxy(): Promise<WallProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(403).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const { host, close } = await listen(server);
  return { url: `http://${host}`, asked, close };
}

async function listen(server: Server): Promise<{ host: string; close: () => Promise<void> }> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function argumentsWith(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const text = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
        return text.includes(word) ? [text] : [];
      } catch {
        return [];
      }
    });
}

const JSON_PAGE = 'application/vnd.pypi.simple.v1+json';

const normalised = (name: string): string => name.toLowerCase().replaceAll(/[._-]+/g, '-');

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

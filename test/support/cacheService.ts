import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';

/** How the double misbehaves; what is not told here it does well. */
export interface CacheFaults {
  /** Accepts connections and never answers. */
  readonly silent?: boolean;
  /** Milliseconds before it takes what is uploaded. */
  readonly slowUpload?: number;
  /** Never ends the download that it has begun. */
  readonly stuckDownload?: boolean;
  /** What is handed out instead of what was saved. */
  readonly handsOut?: (archive: Buffer, key: string) => Buffer;
  /** The words by which a save is refused. */
  readonly denies?: string;
  /** Each save finds that another job has just reserved its key. */
  readonly reserved?: boolean;
  /** Answers every question with this status. */
  readonly status?: number;
}

export interface CacheService {
  readonly url: string;
  /** What a step needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  faults: CacheFaults;
  /** The keys of what was saved, the oldest first. */
  readonly keys: () => readonly string[];
  /** Every question, as `Method key`. */
  readonly asked: string[];
  /** Takes entries away, as GitHub does after a week; `remember` brings all back. */
  readonly forget: (which: (key: string) => boolean) => void;
  readonly remember: () => void;
  readonly close: () => void;
}

interface Entry {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  archive: Buffer | null;
}

const question = v.object({
  key: v.string(),
  version: v.string(),
  restore_keys: v.optional(v.array(v.string()), []),
});

/**
 * A double of GitHub's cache service on the loopback, of which the real client's requests are answered: the three calls
 * of its second protocol, and a place for archives to lie. Entries are never replaced, and the newest that begins with
 * a key is found, as on GitHub.
 */
export async function cacheService(faults: CacheFaults = {}): Promise<CacheService> {
  let entries: Entry[] = [];
  let forgotten: Entry[] = [];
  let count = 0;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(new Error(String(error))));
  });
  const service: CacheService = {
    url: await listen(),
    env: {},
    faults,
    keys: () => entries.filter(({ archive }) => archive !== null).map(({ key }) => key),
    asked,
    forget: (which) => {
      forgotten = [...forgotten, ...entries.filter((entry) => which(entry.key))];
      entries = entries.filter((entry) => !which(entry.key));
    },
    remember: () => {
      entries = [...forgotten, ...entries];
      forgotten = [];
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };

  async function listen(): Promise<string> {
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', service.url);
    const body = await buffer(request);
    const { silent, status } = service.faults;
    if (silent === true) return;
    if (status !== undefined) return void response.writeHead(status).end('{}');
    if (pathname.startsWith('/archive/'))
      return await transfer(Number(pathname.slice('/archive/'.length)), request, response, body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(call(pathname.split('/').at(-1) ?? '', JSON.parse(body.toString()))));
  }

  async function transfer(
    id: number,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    const entry = entries.find((one) => one.id === id);
    if (entry === undefined) return void response.writeHead(404).end();
    if (request.method === 'PUT') {
      await setTimeout(service.faults.slowUpload ?? 0);
      entry.archive = body;
      return void response.writeHead(201, { etag: '"1"', 'last-modified': new Date().toUTCString() }).end();
    }
    const saved = entry.archive ?? Buffer.alloc(0);
    const archive = service.faults.handsOut?.(saved, entry.key) ?? saved;
    response.setHeader('content-length', archive.length);
    if (service.faults.stuckDownload === true) return void response.write(archive.subarray(0, 100));
    response.end(archive);
  }

  function call(method: string, body: unknown): object {
    const { key, version, restore_keys } = v.parse(question, body);
    asked.push(`${method} ${key}`);
    const ofVersion = entries.filter((entry) => entry.version === version);
    switch (method) {
      case 'CreateCacheEntry': {
        if (service.faults.denies !== undefined) return { ok: false, message: service.faults.denies };
        const taken = service.faults.reserved === true || ofVersion.some((entry) => entry.key === key);
        if (taken) return { ok: false, message: 'cache entry with the same key already exists' };
        count += 1;
        const entry = { id: count, key, version, archive: null };
        entries.push(entry);
        return { ok: true, signed_upload_url: `${service.url}archive/${entry.id}` };
      }
      case 'FinalizeCacheEntryUpload': {
        const entry = ofVersion.find((one) => one.key === key);
        return entry === undefined ? { ok: false } : { ok: true, entry_id: String(entry.id) };
      }
      case 'GetCacheEntryDownloadURL': {
        const whole = ofVersion.filter(({ archive }) => archive !== null);
        const exact = whole.find((one) => one.key === key);
        const found =
          exact ??
          [key, ...restore_keys]
            .map((prefix) => whole.findLast((one) => one.key.startsWith(prefix)))
            .find((one) => one !== undefined);
        if (found === undefined) return { ok: false };
        const url = `${service.url}archive/${found.id}`;
        return { ok: true, signed_download_url: url, matched_key: found.key };
      }
      default:
        return { ok: false, message: `no method ${method}` };
    }
  }

  return {
    ...service,
    env: {
      ACTIONS_RUNTIME_TOKEN: 'token',
      ACTIONS_RESULTS_URL: service.url,
      ACTIONS_CACHE_SERVICE_V2: '1',
    },
    get faults() {
      return service.faults;
    },
    set faults(given: CacheFaults) {
      service.faults = given;
    },
  };
}

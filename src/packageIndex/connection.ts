import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { createSecureContext } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { ownVersion } from '../assets.ts';

export interface Answer {
  readonly status: number;
  /** Without parameters. */
  readonly type: string;
  /** Empty where the status is not 200. */
  readonly text: string;
}

/** To all hosts that a job asks for packages. Each call throws where the host does not answer as it should. */
export interface Connection {
  readonly page: (url: URL, accept: string) => Promise<Answer>;
  /** Into a new file; returns the sha256 of what has come. */
  readonly download: (url: URL, file: string) => Promise<string>;
  readonly close: () => void;
}

export interface ConnectionOptions {
  /** In the place of the runtime's own, as PEM; null for those. */
  readonly certificates: Buffer | null;
  readonly cancel: AbortSignal;
  /** Milliseconds without a byte. */
  readonly silence?: number;
}

/** More of them are no quicker, and some hosts let them wait. */
export const SOCKETS = 6;
/** pip tries again, with the patience that it is set to. */
const SILENCE = 15_000;
/** Bytes; numpy's page has two million. */
const PAGE_LIMIT = 64 << 20;

export function openConnection({ certificates, cancel, silence = SILENCE }: ConnectionOptions): Connection {
  const options = { keepAlive: true, maxSockets: SOCKETS };
  const plain = new HttpAgent(options);
  // Of one for all: to read a whole system's certificates takes longer than a page.
  const trust = certificates === null ? {} : { secureContext: createSecureContext({ ca: certificates }) };
  const encrypted = new HttpsAgent({ ...options, ...trust, rejectUnauthorized: true });

  const ask = (url: URL, accept: string, encoding: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { accept, 'accept-encoding': encoding, 'user-agent': `exitproof/${ownVersion()}` };
      const asked = { headers, signal: cancel, timeout: silence };
      const request =
        url.protocol === 'https:'
          ? httpsGet(url, { ...asked, agent: encrypted }, resolve)
          : httpGet(url, { ...asked, agent: plain }, resolve);
      request.on('timeout', () => request.destroy(new Error('it fell silent')));
      request.on('error', (error) => {
        // A host may close a connection just when it is used again.
        const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        if (isStale && !cancel.aborted) ask(url, accept, encoding).then(resolve, reject);
        else reject(error);
      });
    });

  return {
    page: async (url, accept) => {
      const response = await ask(url, accept, 'gzip');
      const status = response.statusCode ?? 0;
      const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      if (status !== 200) {
        response.resume();
        return { status, type, text: '' };
      }
      const chunks: Buffer[] = [];
      let size = 0;
      const gather = async (bytes: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of bytes) {
          size += chunk.length;
          if (size > PAGE_LIMIT) throw new Error('its page has no end');
          chunks.push(chunk);
        }
      };
      const isPacked = response.headers['content-encoding'] === 'gzip';
      await (isPacked ? pipeline(response, createGunzip(), gather) : pipeline(response, gather));
      return { status, type, text: Buffer.concat(chunks).toString('utf8') };
    },
    download: async (url, file) => {
      const response = await ask(url, '*/*', 'identity');
      if (response.statusCode !== 200) {
        response.resume();
        throw new Error(`status ${response.statusCode}`);
      }
      const hash = createHash('sha256');
      const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      };
      await pipeline(response, hashed, createWriteStream(file, { flags: 'wx' }));
      return hash.digest('hex');
    },
    close: () => {
      plain.destroy();
      encrypted.destroy();
    },
  };
}

import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { mapBounded } from '../pool.ts';
import { chooseWheel, type Pinned, type Supported } from './choose.ts';
import { type Connection, openConnection, SOCKETS } from './connection.ts';
import { filesOn, type IndexFile, PAGE_TYPE } from './page.ts';
import { isOpen, type Places } from './places.ts';

/** What an interpreter says of itself and of a lock's markers. */
export interface Told extends Supported {
  readonly holds: (marker: string) => boolean;
}

export interface FetchOptions<P extends Pinned> {
  readonly pinned: readonly P[];
  readonly places: Places;
  /** Where the wheels go. */
  readonly folder: string;
  readonly told: Told;
  /** Puts a file that is here already there, and says whether it has. */
  readonly have: (file: IndexFile, path: string) => Promise<boolean>;
  /** As the beginning of a sentence; said where it has to be given up. */
  readonly what: string;
  readonly context: FetchContext;
  /** Milliseconds after which a host without a word is given up. */
  readonly silence?: number;
}

/** Of a stage that starts tools, what is needed without one. */
export interface FetchContext {
  readonly log: Log;
  readonly cancel?: AbortSignal;
  /** What runs now is in it, for whoever gives it up. */
  readonly running?: Set<{ readonly what: string; readonly lastLine: () => string }>;
}

export interface Fetched<P extends Pinned> {
  readonly wheels: readonly { readonly path: string; readonly name: string; readonly sha256: string }[];
  /** What pip has to do. */
  readonly left: readonly P[];
}

/**
 * Ready-made wheels of a lock with hashes, straight from the index that pip would ask: pip reads a page after the other,
 * and all that stands on it. The hash of the lock says which file it has to be. Never throws: what goes wrong, and what is
 * not plain, is left to pip, which asks again and has words for it.
 */
export async function fetchPinned<P extends Pinned>(options: FetchOptions<P>): Promise<Fetched<P>> {
  const { pinned, places, told, what, silence } = options;
  const { log, cancel, running } = options.context;
  let lastLine = '';
  const say = (line: string): void => {
    lastLine = line;
    log.debug(line);
  };
  const own = { what, lastLine: () => lastLine };
  running?.add(own);
  const given = new AbortController();
  const signal = AbortSignal.any([given.signal, ...(cancel ? [cancel] : [])]);
  // Each request listens.
  setMaxListeners(0, signal);
  const connection = openConnection({
    ...{ certificates: places.certificates, cancel: signal },
    ...(silence !== undefined && { silence }),
  });
  const search = openSearch(places, connection, told);
  const wheels: Fetched<P>['wheels'][number][] = [];
  const left: P[] = [];
  const meant = pinned.filter(({ marker }) => marker === null || told.holds(marker));
  const one = async (wanted: P): Promise<void> => {
    // Two lines for one package are pip's to judge.
    const isRivalled = meant.some((other) => other !== wanted && other.name === wanted.name);
    const file = isRivalled ? null : await search.find(wanted);
    if (file === null) return void left.push(wanted);
    const path = join(options.folder, file.filename);
    const isHere = await options.have(file, path);
    if (!isHere) {
      if (!isOpen(file.url) || places.mayWantLogin(file.url.hostname)) return void left.push(wanted);
      await fetchFile(file, path, connection);
    }
    wheels.push({ path, name: wanted.name, sha256: file.sha256 });
    say(`${file.filename} ${isHere ? 'was here already' : `from ${file.url.host}`}`);
  };
  try {
    await mapBounded(meant, AT_ONCE, (wanted) =>
      one(wanted).catch((error: unknown) => {
        left.push(wanted);
        // One that doesn't answer is not waited for once more for each of them.
        if (!signal.aborted)
          say(`left to pip: ${wanted.name}: ${error instanceof Error ? error.message : String(error)}`);
        given.abort();
      }),
    );
  } finally {
    connection.close();
    running?.delete(own);
  }
  return { wheels, left: pinned.filter((wanted) => left.includes(wanted)) };
}

/** More than there are connections to a host: some read a page while others fetch a file elsewhere. */
const AT_ONCE = 2 * SOCKETS;

interface Search {
  /** Null where it is for pip to find. Throws where an index does not answer. */
  readonly find: (wanted: Pinned) => Promise<IndexFile | null>;
}

function openSearch({ indexes, mayWantLogin }: Places, connection: Connection, told: Told): Search {
  /** Those that speak HTML alone, want a login or send their clients elsewhere. */
  const foreign = new Set<string>();
  return {
    find: async (wanted) => {
      const hashes = new Set(wanted.sha256);
      const files: IndexFile[] = [];
      for (const index of indexes) {
        const address = new URL(`${index}/${wanted.name}/`);
        if (foreign.has(index) || mayWantLogin(address.hostname)) return null;
        const { status, type, text } = await connection.page(address, PAGE_TYPE);
        if (status === 404) continue;
        if (status >= 500) throw new Error(`${address.host}: status ${status}`);
        if (status !== 200 || type !== PAGE_TYPE) {
          foreign.add(index);
          return null;
        }
        files.push(...filesOn(text, address, hashes));
        const found = chooseWheel(wanted, files, told);
        if (found !== null) return found;
      }
      return null;
    },
  };
}

async function fetchFile({ url, sha256 }: IndexFile, path: string, connection: Connection): Promise<void> {
  try {
    const got = await connection.download(url, path);
    if (got !== sha256) throw new Error(`${url.host} gave another file than it said`);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, type PipOption, type PipOptions, PLAIN_OPTIONS } from './pipOptions.ts';

/** The indexes that pip would ask, and whom to trust there. */
export interface Places {
  /** In the order that they are asked in; without a slash at the end. */
  readonly indexes: readonly string[];
  /** Whether somebody has named them; pip has one of its own otherwise. */
  readonly areNamed: boolean;
  /** Certificates that take the place of the runtime's own; null where those count. */
  readonly certificates: Buffer | null;
  /** Whether a netrc file may have a login for the host. */
  readonly mayWantLogin: (host: string) => boolean;
}

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const PUBLIC = 'https://pypi.org/simple';

/**
 * What pip's settings say, where they say it plainly. Null where only pip can tell: a proxy, a login, an index that is
 * set for one command or differently in two files, any setting that is not known here.
 */
export function placesOf({ variables, files }: PipOptions, env: Environment): Places | null {
  if (process.platform === 'win32' || PROXIES.some((name) => isSet(env[name]))) return null;
  if (![...variables, ...files].every(({ name }) => PLAIN_OPTIONS.has(name))) return null;
  const value = (name: string): string | null | undefined => settingOf(name, variables, files);
  const [index, extra, cert] = [value('index-url'), value('extra-index-url'), value('cert')];
  if (index === undefined || extra === undefined || cert === undefined) return null;
  const all = [index ?? PUBLIC, ...(extra ?? '').split(/\s+/)].filter((url) => url !== '');
  const indexes = all.filter((url) => !/^file:/i.test(url)).map((url) => url.replace(/\/+$/, ''));
  if (!indexes.every(isPlain)) return null;
  const certificates = certificatesOf(cert, env);
  if (certificates === undefined) return null;
  const netrc = netrcOf(env);
  return {
    indexes,
    areNamed: index !== null,
    certificates,
    mayWantLogin: (host) => netrc.some((word) => word === host || word === 'default'),
  };
}

/** Null where it is not set; undefined where it is not plain what it is set to. */
function settingOf(
  name: string,
  variables: readonly PipOption[],
  files: readonly PipOption[],
): string | null | undefined {
  const variable = variables.find((option) => option.name === name);
  const own = files.filter((option) => option.name === name);
  if (own.some(({ section }) => section !== 'global')) return undefined;
  if (variable !== undefined) return variable.value;
  const values = new Set(own.map((option) => option.value));
  if (values.size > 1) return undefined;
  const [only] = values;
  return only === undefined || only === '' ? null : only;
}

/** An address that pip takes without being told to trust it, and without a login. */
function isPlain(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && url.username === '' && url.password === '' && isTrusted(url);
}

/** Encrypted, or on this machine. */
export function isTrusted({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Where pip finds them; undefined where they are no file that can be read here. */
function certificatesOf(cert: string | null, env: Environment): Buffer | null | undefined {
  const named = [cert, env['REQUESTS_CA_BUNDLE'], env['CURL_CA_BUNDLE'], env['SSL_CERT_FILE']].find(isSet);
  if (named === undefined || named === null) return isSet(env['SSL_CERT_DIR']) ? undefined : null;
  try {
    return statSync(named).isFile() ? readFileSync(named) : undefined;
  } catch {
    return undefined;
  }
}

/** All words of the files that logins may stand in. */
function netrcOf(env: Environment): readonly string[] {
  const home = env['HOME'] ?? '';
  const named = env['NETRC'] ?? '';
  const paths = named !== '' ? [named] : home === '' ? [] : [join(home, '.netrc'), join(home, '_netrc')];
  return paths.flatMap((path) => {
    try {
      return existsSync(path) ? readFileSync(path, 'utf8').split(/\s+/) : [];
    } catch {
      return ['default'];
    }
  });
}

function isSet(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What pip is set to, as it tells itself: `global.index-url`, `wheel.no-binary`, `:env:.timeout`. */
export type PipSettings = Readonly<Record<string, string>>;

/** The indexes that pip would ask, and whom to trust there. */
export interface Places {
  /** In the order that they are asked in; without a slash at the end. */
  readonly indexes: readonly string[];
  /** Certificates that take the place of the runtime's own; null where those count. */
  readonly certificates: Buffer | null;
  /** Whether a netrc file may have a login for the host. */
  readonly mayWantLogin: (host: string) => boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that say where packages come from or what is printed, in a way that any client could follow. */
export const PLAIN_OPTIONS: ReadonlySet<string> = new Set([
  ...['index-url', 'extra-index-url', 'find-links', 'trusted-host', 'cert', 'prefer-binary'],
  ...['timeout', 'default-timeout', 'retries', 'resume-retries', 'cache-dir', 'no-cache-dir', 'config-file'],
  ...['exists-action', 'no-clean', 'disable-pip-version-check', 'no-python-version-warning', 'no-input'],
  ...['no-color', 'progress-bar', 'quiet', 'verbose', 'debug', 'log', 'root-user-action', 'user'],
  ...['require-virtualenv', 'break-system-packages', 'no-warn-script-location', 'no-warn-conflicts'],
]);

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const PUBLIC = 'https://pypi.org/simple';

/**
 * What pip's settings say, where they say it plainly. Null where only pip can tell: a proxy, a login, an index that is set
 * for one command alone, any setting that is not known here.
 */
export function placesOf(settings: PipSettings, env: Environment): Places | null {
  // Windows and macOS have proxies and certificates in places of their own.
  if (process.platform !== 'linux' || PROXIES.some((name) => isSet(env[name]))) return null;
  const options = Object.entries(settings).flatMap(([key, value]) => {
    // An empty one is none to pip.
    const [, section = '', name = ''] = /^([^.]*)\.(.*)$/.exec(key) ?? [];
    return value === '' ? [] : { section, name, value };
  });
  const isPlainly = options.every(
    ({ section, name }) => PLAIN_OPTIONS.has(name) && (section === 'global' || section === ':env:'),
  );
  if (!isPlainly) return null;
  const settingOf = (name: string): string | null => {
    const own = options.filter((option) => option.name === name);
    return (own.find(({ section }) => section === ':env:') ?? own[0])?.value ?? null;
  };
  const all = [settingOf('index-url') ?? PUBLIC, ...(settingOf('extra-index-url') ?? '').split(/\s+/)];
  const indexes = all
    .filter((url) => url !== '' && !/^file:/i.test(url))
    .map((url) => url.replace(/\/+$/, ''));
  if (!indexes.every(isPlainAddress)) return null;
  const certificates = certificatesOf(settingOf('cert'), env);
  if (certificates === undefined) return null;
  const netrc = netrcOf(env);
  return {
    indexes,
    certificates,
    mayWantLogin: (host) => netrc.some((word) => word === host || word === 'default'),
  };
}

/** One that pip takes without being told to trust it, and without a login. */
function isPlainAddress(address: string): boolean {
  const url = /\s/.test(address) || !URL.canParse(address) ? null : new URL(address);
  return url !== null && isOpen(url);
}

/** Encrypted or on this machine, and without a login. */
export function isOpen({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false;
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
  const named = env['NETRC'] ?? '';
  try {
    const home = env['HOME'] ?? userInfo().homedir;
    const paths = named === '' ? [join(home, '.netrc'), join(home, '_netrc')] : [named];
    return paths
      .filter((path) => existsSync(path))
      .flatMap((path) => readFileSync(path, 'utf8').split(/\s+/));
  } catch {
    // One that can't be read may have one for every host.
    return ['default'];
  }
}

function isSet(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pipOptions } from '../../../src/packageIndex/pipOptions.ts';
import { type Places, placesOf } from '../../../src/packageIndex/places.ts';
import { temporaryFolder } from '../../support/tmp.ts';

interface Machine {
  readonly env?: Readonly<Record<string, string>>;
  /** By place: the text of a pip.conf. */
  readonly files?: Readonly<Record<string, string>>;
  readonly netrc?: string;
}

function places({ env = {}, files = {}, netrc }: Machine): Places | null {
  const home = temporaryFolder('home');
  for (const [place, text] of Object.entries(files)) {
    mkdirSync(join(home, place), { recursive: true });
    writeFileSync(join(home, place, 'pip.conf'), text);
  }
  if (netrc !== undefined) writeFileSync(join(home, '.netrc'), netrc);
  const all = { HOME: home, XDG_CONFIG_DIRS: join(home, 'xdg'), ...env };
  return placesOf(pipOptions(all, join(home, 'prefix'), []), all);
}

const A = 'https://a.example/simple';
const B = 'https://b.example/simple';
const PUBLIC = 'https://pypi.org/simple';

test.each<[string, Machine, readonly string[], boolean]>([
  ['nothing', {}, [PUBLIC], false],
  ['a variable', { env: { PIP_INDEX_URL: `${A}/` } }, [A], true],
  ['an empty variable', { env: { PIP_INDEX_URL: '' } }, [PUBLIC], false],
  ['a file', { files: { '.config/pip': `[global]\nindex-url = ${A}\n` } }, [A], true],
  [
    'a file with all sorts of writing',
    {
      files: { '.pip': `# no\n[global]\n; no\nIndex_URL: ${A}\nextra-index-url =\n  ${B}\n\n  file:///x\n` },
    },
    [A, B],
    true,
  ],
  [
    'a variable over a file',
    { env: { PIP_INDEX_URL: B }, files: { 'xdg/pip': `[global]\nindex-url = ${A}\n` } },
    [B],
    true,
  ],
  [
    'the same in two files',
    {
      files: { prefix: `[global]\nindex-url=${A}\n`, '.pip': `[global]\nindex-url=${A}\ntimeout=60\n` },
    },
    [A],
    true,
  ],
  ['one beside the public one', { env: { PIP_EXTRA_INDEX_URL: A } }, [PUBLIC, A], false],
  [
    'one on this machine',
    { env: { PIP_INDEX_URL: 'http://127.0.0.1:3141/root/pypi/+simple/' } },
    ['http://127.0.0.1:3141/root/pypi/+simple'],
    true,
  ],
])('%s names the index that pip would ask', (_, machine, indexes, areNamed) => {
  expect(places(machine)).toMatchObject({ indexes, areNamed, certificates: null });
});

test.each<[string, Machine]>([
  ['a proxy', { env: { https_proxy: 'http://127.0.0.1:1' } }],
  ['a proxy of pip', { files: { '.pip': '[global]\nproxy = http://127.0.0.1:1\n' } }],
  ['a login', { env: { PIP_INDEX_URL: 'https://user:secret@a.example/simple' } }],
  ['a login beside it', { env: { PIP_EXTRA_INDEX_URL: 'https://user@a.example/simple' } }],
  ['an index that pip would have to trust', { env: { PIP_INDEX_URL: 'http://a.example/simple' } }],
  ['no index', { env: { PIP_NO_INDEX: '1' } }],
  ['an index for one command', { files: { '.pip': `[wheel]\nindex-url = ${A}\n` } }],
  [
    'two files that differ',
    { files: { prefix: `[global]\nindex-url=${A}\n`, '.pip': `[global]\nindex-url=${B}\n` } },
  ],
  ['a setting that bends what is chosen', { env: { PIP_NO_BINARY: ':all:' } }],
  ['one that nobody knows', { files: { '.pip': '[global]\nsome-new = 1\n' } }],
  ['one that looks like a part of the one before', { files: { '.pip': '[install]\n  no-binary = :all:\n' } }],
  ['a folder of certificates', { env: { SSL_CERT_DIR: '/etc/ssl/certs' } }],
  ['certificates that are not there', { env: { PIP_CERT: '/nowhere.pem' } }],
  ['a certificate of the client', { env: { PIP_CLIENT_CERT: '/x.pem' } }],
  ['an address that is none', { env: { PIP_INDEX_URL: 'a.example/simple' } }],
])('%s is left to pip', (_, machine) => {
  expect(places(machine)).toBeNull();
});

test("the certificates are those that pip would take, its own setting's first", () => {
  const folder = temporaryFolder('certificates');
  const file = (name: string): string => {
    writeFileSync(join(folder, name), name);
    return join(folder, name);
  };
  const env = { SSL_CERT_FILE: file('ssl'), SSL_CERT_DIR: folder, CURL_CA_BUNDLE: file('curl') };
  const taken = (machine: Machine): string | undefined => places(machine)?.certificates?.toString();
  expect(taken({ env: { SSL_CERT_FILE: env.SSL_CERT_FILE, SSL_CERT_DIR: folder } })).toBe('ssl');
  expect(taken({ env })).toBe('curl');
  expect(taken({ env: { ...env, REQUESTS_CA_BUNDLE: file('requests') } })).toBe('requests');
  expect(taken({ env, files: { '.pip': `[global]\ncert = ${file('pip')}\n` } })).toBe('pip');
});

test.each([
  ['machine a.example login me password x', 'a.example', true],
  ['machine b.example\nlogin me\npassword x', 'a.example', false],
  ['default login me password x', 'a.example', true],
])('a netrc file "%s" may have a login for %s: %s', (netrc, host, expected) => {
  expect(places({ netrc })?.mayWantLogin(host)).toBe(expected);
});

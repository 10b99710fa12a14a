import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type PipSettings, type Places, placesOf } from '../../../src/packageIndex/places.ts';
import { temporaryFolder } from '../../support/tmp.ts';

interface Machine {
  readonly settings?: PipSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly netrc?: string;
}

function places({ settings = {}, env = {}, netrc }: Machine): Places | null {
  const home = temporaryFolder('home');
  if (netrc !== undefined) writeFileSync(join(home, '.netrc'), netrc);
  return placesOf(settings, { HOME: home, ...env });
}

const A = 'https://a.example/simple';
const B = 'https://b.example/simple';
const PUBLIC = 'https://pypi.org/simple';
const LOCAL = 'http://127.0.0.1:3141/root/pypi/+simple';

test.each<[string, PipSettings, readonly string[]]>([
  ['nothing', {}, [PUBLIC]],
  ['a variable', { ':env:.index-url': `${A}/` }, [A]],
  ['a file', { 'global.index-url': A, 'global.timeout': '60' }, [A]],
  ['a variable over a file', { ':env:.index-url': B, 'global.index-url': A }, [B]],
  ['a file over an empty variable', { ':env:.index-url': '', 'global.index-url': A }, [A]],
  ['one beside the public one', { ':env:.extra-index-url': A }, [PUBLIC, A]],
  ['several lines', { 'global.index-url': A, 'global.extra-index-url': `\n${B}\n\nfile:///x` }, [A, B]],
  ['one on this machine', { 'global.index-url': `${LOCAL}/` }, [LOCAL]],
])('%s names the index that pip would ask', (_, settings, indexes) => {
  expect(places({ settings })).toMatchObject({ indexes, certificates: null });
});

test.each<[string, Machine]>([
  ['a proxy', { env: { https_proxy: 'http://127.0.0.1:1' } }],
  ['a proxy of pip', { settings: { 'global.proxy': 'http://127.0.0.1:1' } }],
  ['a login', { settings: { ':env:.index-url': 'https://user:secret@a.example/simple' } }],
  ['a login beside it', { settings: { 'global.extra-index-url': 'https://user@a.example/simple' } }],
  ['an index that pip would have to trust', { settings: { 'global.index-url': 'http://a.example/simple' } }],
  ['no index', { settings: { ':env:.no-index': '1' } }],
  ['an index for one command', { settings: { 'wheel.index-url': A } }],
  ['a setting that bends what is chosen', { settings: { ':env:.no-binary': ':all:' } }],
  ['one that nobody knows', { settings: { 'global.some-new': '1' } }],
  ['a folder of certificates', { env: { SSL_CERT_DIR: '/etc/ssl/certs' } }],
  ['certificates that are not there', { settings: { ':env:.cert': '/nowhere.pem' } }],
  ['a certificate of the client', { settings: { 'global.client-cert': '/x.pem' } }],
  ['an address that is none', { settings: { 'global.index-url': 'a.example/simple' } }],
  ['two addresses in one', { settings: { 'global.index-url': `${A}\n${B}` } }],
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
  expect(taken({ env, settings: { 'global.cert': file('pip') } })).toBe('pip');
});

test.each([
  ['machine a.example login me password x', 'a.example', true],
  ['machine b.example\nlogin me\npassword x', 'a.example', false],
  ['default login me password x', 'a.example', true],
])('a netrc file "%s" may have a login for %s: %s', (netrc, host, expected) => {
  expect(places({ netrc })?.mayWantLogin(host)).toBe(expected);
});

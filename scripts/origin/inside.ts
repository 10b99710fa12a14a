import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is run, and in which root. */
export interface Inside {
  readonly root: string;
  readonly checkout: { readonly from: string; readonly to: string };
  readonly cwd: string;
  readonly argv: readonly string[];
}

/** The way to the package index is the machine's own: name servers, certificates, pip's settings. */
const NETWORK_FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/pip.conf'];
const CERTIFICATES = ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
const NETWORK =
  /^(?:PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|PIP_CONFIG_FILE|PIP_TRUSTED_HOST|(?:https?|no)_proxy)$/i;

if (import.meta.main) {
  const inside: Inside = JSON.parse(process.argv[2] ?? '');
  process.exitCode = enter(inside);
}

/** To be called in a mount name space of its own: nothing is unmounted here. */
function enter({ root, checkout, cwd, argv }: Inside): number {
  mount(['-t', 'proc', 'proc', folder(root, '/proc')]);
  mount(['--rbind', '/dev', folder(root, '/dev')]);
  mount(['--bind', checkout.from, folder(root, checkout.to)]);
  mount(['-o', 'remount,bind,ro', join(root, checkout.to)]);
  const variables = Object.entries(process.env).filter(
    ([name]) => CERTIFICATES.includes(name) || NETWORK.test(name),
  );
  const certificates = variables.flatMap(([name, value]) =>
    CERTIFICATES.includes(name) && value ? [value] : [],
  );
  for (const file of new Set([...NETWORK_FILES, ...certificates])) lend(file, root);
  const environment = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    ...Object.fromEntries(variables),
  };
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = ['env', '-i', `--chdir=${cwd}`, ...words, ...argv];
  const done = spawnSync('chroot', [root, ...command], { stdio: ['ignore', 'inherit', 'inherit'] });
  return done.status ?? 1;
}

/** Bound, not copied: nothing of the machine stays in the root. */
function lend(file: string, root: string): void {
  if (!existsSync(file)) return;
  const inside = join(root, file);
  mkdirSync(dirname(inside), { recursive: true });
  if (!existsSync(inside)) writeFileSync(inside, '');
  mount(['--bind', file, inside]);
}

function folder(root: string, path: string): string {
  const inside = join(root, path);
  mkdirSync(inside, { recursive: true });
  return inside;
}

function mount(args: readonly string[]): void {
  const done = spawnSync('mount', args, { encoding: 'utf8' });
  if (done.status !== 0)
    throw new Error(`mount ${args.join(' ')}: ${done.error?.message ?? done.stderr.trim()}`);
}

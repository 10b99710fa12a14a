import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { parseReport } from '../../src/report/parse.ts';
import { cliEntry, NODE_24 } from '../../test/support/cli.ts';
import { type LedgerRun, ledgerArguments } from '../../test/support/ledger.ts';
import { fixture, inRepository } from '../../test/support/paths.ts';
import { isExecutable } from '../../test/support/pythons.ts';
import type { Inside } from './inside.ts';

/** A Debian 11 root of the repository's ignored folder, made once by debootstrap. */
export interface DebianRoot {
  readonly path: string;
  readonly packages: string;
}

const ORIGIN: DebianRoot = {
  path: inRepository('.exitproof', 'origin', 'bullseye'),
  packages: 'python3,python3-venv,python3-distutils,ca-certificates',
};
/** Python without `venv`'s ensurepip, and no pip. Before 3.10 pip can't run where distutils is not, whoever starts it. */
export const BARE: DebianRoot = {
  path: inRepository('.exitproof', 'origin', 'bullseye-bare'),
  packages: 'python3,python3-distutils,ca-certificates',
};
/** Where the checkout is seen inside. */
const CHECKOUT = '/exitproof';
/** Generous: a stalled run takes 8 s and its evidence. */
const LIMIT = 1_800_000;

/** What it takes and this machine lacks, by name. */
export function missingForDebian({ path }: DebianRoot = ORIGIN): readonly string[] {
  const commands = existsSync(path)
    ? ['unshare', 'mount', 'chroot']
    : ['debootstrap', 'unshare', 'mount', 'chroot'];
  const rights = process.getuid?.() === 0 ? [] : ['the rights of root'];
  return [...commands.filter((command) => findCommand(command) === null), ...rights];
}

/** The check of `ledger.py` inside Debian 11, by its own Python 3.9.2. */
export async function checkInDebian(times: number): Promise<LedgerRun> {
  const args = ledgerArguments('/project', '/usr/bin/python3.9', 'zipapp,venv', times);
  return checkProject(
    ORIGIN,
    (folder) => cpSync(fixture('origin', 'ledger.py'), join(folder, 'ledger.py')),
    args,
  );
}

/** A check of what `put` lays into the folder that is `/project` inside. `args` are those of exitproof. */
export function checkProject(
  debian: DebianRoot,
  put: (folder: string) => void,
  args: readonly string[],
): LedgerRun {
  makeRoot(debian);
  const root = debian.path;
  for (const folder of ['project', 'trial']) {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder));
  }
  put(join(root, 'project'));
  const inside: Inside = {
    root,
    checkout: { from: inRepository('.'), to: CHECKOUT },
    cwd: '/trial',
    argv: [seen(NODE_24), seen(cliEntry()), ...args, '--report', '/trial/report.json'],
  };
  // In name spaces of their own: whatever happens, the kernel unmounts all and ends every process when the first has ended.
  const done = spawnSync(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'],
      ...[process.execPath, join(import.meta.dirname, 'inside.ts'), JSON.stringify(inside)],
    ],
    { encoding: 'utf8', timeout: LIMIT, killSignal: 'SIGKILL', maxBuffer: 1 << 26 },
  );
  const file = join(root, 'trial', 'report.json');
  const report = existsSync(file) ? parseReport(readFileSync(file, 'utf8'), file) : null;
  return { code: done.status, report, output: `${done.error?.message ?? ''}${done.stdout}\n${done.stderr}` };
}

function seen(path: string): string {
  return join(CHECKOUT, relative(inRepository('.'), path));
}

/** Complete before it is there. */
function makeRoot({ path, packages }: DebianRoot): void {
  if (existsSync(path)) return;
  console.log('making a Debian 11 root');
  const part = `${path}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const args = ['--variant=minbase', `--include=${packages}`, 'bullseye', part];
  const done = spawnSync(findCommand('debootstrap') ?? 'debootstrap', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (done.status !== 0) {
    const last = done.stdout.trim().split('\n').at(-1) ?? '';
    throw new Error(`debootstrap: ${done.error?.message ?? `${last} ${done.stderr.trim()}`}`);
  }
  renameSync(part, path);
}

function findCommand(command: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, command)).find(isExecutable) ?? null;
}

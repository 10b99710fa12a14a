import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../test/support/paths.ts';
import type { Python } from '../../test/support/pythons.ts';
import type { Case } from './cases.ts';
import type { Launcher } from './expectation.ts';

const PEX = 'pex==2.105.2';

/** Everything that is built for the corpus lies here, and is used again. */
export const CORPUS_CACHE = inRepository('.exitproof', 'corpus');

export interface Prepared {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What to run for a case, built if it isn't yet. */
export function prepare(one: Case, python: Python, launcher: Launcher): Prepared {
  const native = one.hasNative ? { CORPUS_NATIVE: buildNative(one) } : {};
  if (launcher === 'pex') {
    const env = { ...native, PEX_ROOT: join(CORPUS_CACHE, 'pex-root') };
    return { argv: [python.path, buildPex(one, python)], env };
  }
  const libraries = one.requirements === null ? {} : { PYTHONPATH: librariesFolder(python) };
  const program = launcher === 'zip' ? buildZip(one, python) : 'main.py';
  return { argv: [python.path, program], env: { ...native, ...libraries } };
}

/** Installs what the cases need, all of it at once, for one interpreter. */
export function installLibraries(cases: readonly Case[], python: Python): void {
  const wanted = [...new Set(cases.flatMap((one) => one.requirements?.trim() ?? []))].sort().join('\n');
  if (wanted === '') return;
  const folder = librariesFolder(python);
  const marker = join(folder, '.installed');
  if (existsSync(marker) && contains(readFileSync(marker, 'utf8'), wanted)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const list = join(folder, '.requirements.txt');
  writeFileSync(list, wanted);
  run(python.path, ['-m', 'pip', 'install', '--quiet', '--prefer-binary', '--target', folder, '-r', list]);
  writeFileSync(marker, wanted);
}

function contains(installed: string, wanted: string): boolean {
  const there = new Set(installed.split('\n'));
  return wanted.split('\n').every((line) => there.has(line));
}

function librariesFolder(python: Python): string {
  return join(CORPUS_CACHE, 'libraries', python.version);
}

function buildNative(one: Case): string {
  const source = join(one.folder, 'native.c');
  const isProgram = /\bmain\s*\(/.test(readFileSync(source, 'utf8'));
  const target = place('native', one, isProgram ? 'bin' : 'so', readFileSync(source));
  const kind = isProgram ? [] : ['-shared', '-fPIC'];
  if (!existsSync(target)) run('gcc', [...kind, '-o', target, source, '-lpthread']);
  return target;
}

function buildZip(one: Case, python: Python): string {
  const target = place('zip', one, 'pyz', readFileSync(join(one.folder, 'main.py')));
  if (!existsSync(target)) {
    run(python.path, ['-m', 'zipapp', sourceFolder(one), '--main', 'main:main', '--output', target]);
  }
  return target;
}

function buildPex(one: Case, python: Python): string {
  const main = readFileSync(join(one.folder, 'main.py'));
  const target = place(
    'pex',
    one,
    `${python.version}.pex`,
    Buffer.concat([main, Buffer.from(one.requirements ?? '')]),
  );
  if (existsSync(target)) return target;
  const tool = join(CORPUS_CACHE, 'tools', python.version);
  if (!existsSync(join(tool, 'pex')))
    run(python.path, ['-m', 'pip', 'install', '--quiet', '--target', tool, PEX]);
  const requirements = one.requirements === null ? [] : ['-r', join(one.folder, 'requirements.txt')];
  const env = { PYTHONPATH: tool, PEX_ROOT: join(CORPUS_CACHE, 'pex-root') };
  const args = ['-D', sourceFolder(one), '-e', 'main:main', ...requirements, '-o', target];
  run(python.path, ['-m', 'pex', ...args], env);
  return target;
}

/** `main.py` alone: the case's folder also holds what is expected of it. */
function sourceFolder(one: Case): string {
  const folder = join(CORPUS_CACHE, 'sources', fileName(one));
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(one.folder, 'main.py'), join(folder, 'main.py'));
  return folder;
}

/** Named after its content, so that an edited case is built anew. */
function place(kind: string, one: Case, ending: string, content: Uint8Array): string {
  const folder = join(CORPUS_CACHE, kind);
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return join(folder, `${fileName(one)}-${hash}.${ending}`);
}

function fileName(one: Case): string {
  return one.name.replace(':', '-');
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr.trim()}`);
  }
}

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inRepository } from './paths.ts';
import type { Python } from './pythons.ts';

const PACKAGERS = ['shiv==1.0.8', 'pyinstaller==6.22.3', 'uv==0.13.9', 'setuptools==80.9.0'];

/** One Python file as a shiv zipapp that runs it under its own interpreter. */
export function shivOf(python: Python, script: string): string {
  return kept(python, script, 'shiv', (folder) => {
    const module = basename(script, '.py');
    const source = join(folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, `${module}.py`), readFileSync(script));
    const setup = `from setuptools import setup\nsetup(name="packed", version="1", py_modules=["${module}"])\n`;
    writeFileSync(join(source, 'setup.py'), setup);
    const file = join(folder, 'program');
    run(packager(python, 'shiv'), [
      ...['--entry-point', `${module}:start`, '--python', python.path, '--output-file', file],
      ...['--no-deps', '--no-build-isolation', source],
    ]);
    return file;
  });
}

/** One Python file as an executable of its own: a folder, or one file that unpacks itself. */
export function pyInstallerOf(python: Python, script: string, kind: 'onedir' | 'onefile'): string {
  return kept(python, script, kind, (folder) => {
    run(packager(python, 'pyinstaller'), [
      ...[`--${kind}`, '--noconfirm', '--log-level', 'WARN', '--name', 'program'],
      ...['--distpath', folder, '--workpath', join(folder, 'work'), '--specpath', folder, script],
    ]);
    return kind === 'onefile' ? join(folder, 'program') : join(folder, 'program', 'program');
  });
}

/** Path of a packager's command, installed from the Python index once for each interpreter. */
export function packager(python: Python, command: 'shiv' | 'pyinstaller' | 'uv'): string {
  const id = createHash('sha256')
    .update(JSON.stringify([python.path, PACKAGERS]))
    .digest('hex')
    .slice(0, 16);
  const venv = inRepository('.exitproof', 'test', 'packagers', id);
  const complete = join(venv, 'complete');
  if (!existsSync(complete)) {
    rmSync(venv, { recursive: true, force: true });
    run(python.path, ['-m', 'venv', venv]);
    run(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGERS]);
    writeFileSync(complete, '');
  }
  return join(venv, 'bin', command);
}

/** Built once for each content. Moved into place when it is complete. */
function kept(python: Python, script: string, kind: string, build: (folder: string) => string): string {
  const content = createHash('sha256').update(python.path).update(readFileSync(script)).digest('hex');
  const parent = inRepository('.exitproof', 'test', 'packed');
  const folder = join(parent, `${kind}-${content.slice(0, 16)}`);
  const known = join(folder, 'path');
  if (!existsSync(known)) {
    mkdirSync(parent, { recursive: true });
    const part = mkdtempSync(join(parent, 'part-'));
    writeFileSync(join(part, 'path'), build(part).slice(part.length + 1));
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  }
  return join(folder, readFileSync(known, 'utf8'));
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
}

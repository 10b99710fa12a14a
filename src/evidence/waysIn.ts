import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { isPex } from './pexFile.ts';

/** The part of a run's request that tells how its interpreter will be found. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const INTERPRETER = /^(?:python|pypy)[\d.]*t?(?:\.exe)?$/;
const FLAGS_WITH_VALUE = new Set(['-W', '-X', '--check-hash-based-pycs']);
const MAX_SHEBANG = 512;

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function findProgram(name: string, { env, cwd }: Command): string | null {
  if (name.includes('/')) return resolve(cwd, name);
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const file = resolve(cwd, folder, name);
    if (isProgram(file)) return file;
  }
  return null;
}

function shebang(file: string): string[] {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(MAX_SHEBANG);
      const [line = ''] = head.toString('latin1', 0, readSync(descriptor, head)).split('\n');
      return line.startsWith('#!') ? line.slice(2).trim().split(/\s+/) : [];
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return [];
  }
}

function inVenv(interpreter: string): boolean {
  return existsSync(join(dirname(interpreter), '..', 'pyvenv.cfg'));
}

/** What the interpreter is told to run: a file or folder; null for `-c`, `-m`, standard input. */
function scriptOf(args: readonly string[]): string | null {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (FLAGS_WITH_VALUE.has(arg)) index += 1;
    else if (!arg.startsWith('-')) return arg;
    else if (/^-[a-zA-Z]*[cm]/.test(arg) || arg === '-') return null;
  }
  return null;
}

/**
 * Whether PYTHONPATH is needed to reach the interpreter: in a venv no user site is read. A PEX never gets it, since it
 * would start itself again, isolated. Behind a shell or a launcher the venv that is active, or that `uv run` takes, counts.
 */
export function needsPythonPath(command: Command): boolean {
  const [name, ...args] = command.argv;
  const file = findProgram(name, command);
  if (file === null) return false;
  if (INTERPRETER.test(basename(file))) {
    const script = scriptOf(args);
    if (script !== null && isPex(resolve(command.cwd, script))) return false;
    return inVenv(file);
  }
  if (isPex(file)) return false;
  const [interpreter, argument] = shebang(file);
  if (interpreter !== undefined && INTERPRETER.test(basename(interpreter))) return inVenv(interpreter);
  if (interpreter !== undefined && basename(interpreter) === 'env' && argument !== undefined) {
    const found = INTERPRETER.test(argument) ? findProgram(argument, command) : null;
    if (found !== null) return inVenv(found);
  }
  return launchesVenv(command, basename(file), args);
}

function launchesVenv(command: Command, launcher: string, args: readonly string[]): boolean {
  if (args.some((arg) => isAbsolute(arg) && isPex(arg))) return false;
  if (launcher === 'uv' || launcher === 'poetry' || launcher === 'pdm' || launcher === 'hatch') return true;
  if (command.env['VIRTUAL_ENV']) return true;
  return ['python3', 'python'].some((name) => {
    const found = findProgram(name, command);
    return found !== null && inVenv(found);
  });
}

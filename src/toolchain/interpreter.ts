import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { satisfies, validRange } from '@renovatebot/pep440';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import { probeInterpreter } from './probeInterpreter.ts';
import { installedVersions } from './pythonInstallations.ts';

export interface InterpreterRequest {
  /** The setting: X.Y, X.Y.Z or a path; null where it isn't set. */
  readonly python: string | null;
  /** Where `.python-version` is looked for; null for none. */
  readonly project: string | null;
  readonly requiresPython: string | null;
  /** The PATH. */
  readonly path: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cancel?: AbortSignal;
}

export type FoundInterpreter = Interpreter & {
  /** Where the choice came from: `python setting`, `.python-version`, `PATH`. */
  readonly from: string;
  readonly soabi: string;
  readonly platform: string;
};

const OLDEST = '>=3.8';
const NAMES = ['python3', 'python', ...[13, 12, 11, 10, 9, 8, 14].map((minor) => `python3.${minor}`)];

/**
 * The interpreter that the program is built for and run with.
 * Throws a settings problem where there is none, it is too old, or it doesn't fit the project's `requires-python`.
 */
export async function findInterpreter(request: InterpreterRequest): Promise<FoundInterpreter> {
  const { python, requiresPython } = request;
  if (python !== null && !isVersion(python)) return await byPath(python, request);
  const asked =
    python === null
      ? pythonVersionFile(request.project)
      : { version: python, from: 'the python setting', file: null };
  if (asked !== null) return await byVersion(asked, request);

  const seen: string[] = [];
  for (const found of candidates(request.path, NAMES)) {
    const probed = await probeInterpreter(found, request);
    if (probed === null) continue;
    if (fits(probed, OLDEST) && fits(probed, requiresPython)) return { ...probed, from: 'PATH' };
    if (!seen.includes(probed.version)) seen.push(probed.version);
  }
  const wanted = requiresPython === null ? '3.8 or newer' : `that fits requires-python "${requiresPython}"`;
  throw problem(
    'settings',
    seen.length === 0
      ? `No Python ${wanted} was found on PATH.`
      : `No Python ${wanted} was found on PATH, only ${seen.join(', ')}.`,
    { hint: 'Install one (in a workflow: actions/setup-python), or set `python` to its X.Y or its path.' },
  );
}

async function byPath(python: string, request: InterpreterRequest): Promise<FoundInterpreter> {
  const { requiresPython, project } = request;
  if (!python.includes('/') && !python.includes('\\')) {
    throw problem('settings', `python: got "${python}", takes a version X.Y or a path.`);
  }
  const paths = isAbsolute(python) ? [python] : [resolve(python), resolve(project ?? '.', python)];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw problem('settings', `python: there is no ${python}.`);
  const probed = await probeInterpreter(path, request);
  if (probed === null) throw problem('settings', `python: ${python} is not a Python that runs.`);
  return accept({ ...probed, from: 'the python setting' }, requiresPython);
}

interface Asked {
  readonly version: string;
  readonly from: string;
  readonly file: string | null;
}

async function byVersion(asked: Asked, request: InterpreterRequest): Promise<FoundInterpreter> {
  const short = asked.version.split('.').slice(0, 2).join('.');
  const onPath = candidates(request.path, [`python${short}`, 'python3', 'python']);
  const installed = installedVersions(short, request.env ?? process.env);
  for (const path of [...onPath, ...installed]) {
    const probed = await probeInterpreter(path, request);
    if (probed === null || !matches(probed.version, asked.version)) continue;
    return accept({ ...probed, from: asked.from }, request.requiresPython);
  }
  throw problem('settings', `Python ${asked.version}, asked for by ${asked.from}, was not found.`, {
    hint: 'Install it (in a workflow: actions/setup-python), or set `python` to the X.Y or the path of another.',
  });
}

function accept(found: FoundInterpreter, requiresPython: string | null): FoundInterpreter {
  if (!fits(found, OLDEST)) {
    throw problem(
      'settings',
      `Python ${found.version} (${found.path}) is too old: exitproof needs 3.8 or newer.`,
    );
  }
  if (!fits(found, requiresPython)) {
    throw problem(
      'settings',
      `Python ${found.version}, asked for by ${found.from}, doesn't fit the project's requires-python "${requiresPython}".`,
    );
  }
  return found;
}

function fits(interpreter: Interpreter, requirement: string | null): boolean {
  return requirement === null || fitsRequirement(interpreter.version, requirement);
}

/** PEP 440. A requirement that can't be read is left to pip, which names it. */
export function fitsRequirement(version: string, requirement: string): boolean {
  return !validRange(requirement) || satisfies(version, requirement, { prereleases: true });
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+(\.\d+)?$/.test(text);
}

/** `3.1` doesn't match 3.12.1. */
export function matches(version: string, asked: string): boolean {
  return version === asked || version.startsWith(`${asked}.`);
}

/** The nearest `.python-version` from the project up to the root of its repository. */
function pythonVersionFile(project: string | null): Asked | null {
  if (project === null) return null;
  for (let folder = resolve(project); ; folder = dirname(folder)) {
    const file = join(folder, '.python-version');
    if (existsSync(file)) {
      const version = parsePythonVersion(readFileSync(file, 'utf8'));
      return version === null ? null : { version, from: '.python-version', file };
    }
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return null;
  }
}

/** The first line that names a CPython version; a pyenv virtualenv's name says nothing to us. */
export function parsePythonVersion(text: string): string | null {
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim();
    const version = /^(?:cpython[-@]?|python-?)?(\d+\.\d+(?:\.\d+)?)/.exec(line)?.[1];
    if (version !== undefined) return version;
  }
  return null;
}

function candidates(path: string, names: readonly string[]): string[] {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return found.filter((file) => existsSync(file));
}

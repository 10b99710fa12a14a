import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { normaliseName } from '../packageIndex/wheelName.ts';
import { problem } from '../problem.ts';

/** What can be told of a project without running its build backend; null and `dynamic` where that is not all. */
export interface ProjectMetadata {
  /** Normalised; null where only the backend knows. */
  readonly name: string | null;
  /** Console and GUI scripts; null where only the backend knows. */
  readonly scripts: readonly string[] | null;
  /** Normalised; null where only the backend knows. */
  readonly extras: readonly string[] | null;
  readonly requiresPython: string | null;
  /** It says that it needs no other distribution; false where only the backend knows. */
  readonly standsAlone: boolean;
  /** The version is taken from git: the build requirement that does it. */
  readonly versionFrom: string | null;
}

type Table = Readonly<Record<string, unknown>>;

const NOTHING_STATED = {
  name: null,
  scripts: null,
  extras: null,
  requiresPython: null,
  standsAlone: false,
} as const;

const VERSION_BY_GIT =
  /^(setuptools[-_]scm|hatch-vcs|versioneer|versioningit|poetry-dynamic-versioning|uv-dynamic-versioning|dunamai|pbr|setuptools-git-versioning|flit[-_]scm|vcs-versioning|miniver|setuptools-git)\b/i;

/** Null for a folder that is no Python project. Throws a settings problem for a pyproject.toml that isn't TOML. */
export function readProject(folder: string): ProjectMetadata | null {
  const pyproject = join(folder, 'pyproject.toml');
  const legacy = existsSync(join(folder, 'setup.py'));
  const table = existsSync(pyproject) ? readToml(pyproject) : {};
  // A pyproject.toml that only configures tools makes no distribution.
  const packaged = 'project' in table || 'build-system' in table || poetry(table) !== null;
  if (!packaged && !legacy) return null;
  return projectMetadata(table);
}

export function readToml(path: string): Table {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw problem('settings', `${path} is not valid TOML: ${reason}`);
  }
}

export function projectMetadata(table: Table): ProjectMetadata {
  const project = tableOf(table['project']);
  const buildSystem = tableOf(table['build-system']);
  const requires = strings(buildSystem?.['requires']);
  const versionFrom = dynamicVersion(table, project, requires);
  const old = poetry(table);
  if (project !== null && typeof project['name'] === 'string') {
    const dynamic = strings(project['dynamic']);
    const scripts = [...keys(project['scripts']), ...keys(project['gui-scripts'])];
    const unknown = dynamic.includes('scripts') || dynamic.includes('entry-points');
    return {
      name: normaliseName(project['name']),
      scripts: unknown ? null : scripts,
      extras: dynamic.includes('optional-dependencies')
        ? null
        : keys(project['optional-dependencies']).map(normaliseName),
      requiresPython: text(project['requires-python']),
      standsAlone: !dynamic.includes('dependencies') && strings(project['dependencies']).length === 0,
      versionFrom,
    };
  }
  if (old !== null && typeof old['name'] === 'string') {
    const dependencies = tableOf(old['dependencies']);
    const python = text(dependencies?.['python']);
    return {
      name: normaliseName(old['name']),
      scripts: keys(old['scripts']),
      extras: keys(old['extras']).map(normaliseName),
      requiresPython: python === null || /[\^*]|~[^=]/.test(python) ? null : python,
      standsAlone: keys(dependencies).every((name) => name === 'python'),
      versionFrom,
    };
  }
  return { ...NOTHING_STATED, versionFrom };
}

function dynamicVersion(table: Table, project: Table | null, requires: readonly string[]): string | null {
  const isStatic = project !== null && !strings(project['dynamic']).includes('version');
  if (isStatic) return null;
  const pdm = tableOf(tableOf(tableOf(table['tool'])?.['pdm'])?.['version']);
  if (pdm?.['source'] === 'scm') return 'pdm-backend';
  const found = requires.find((requirement) => VERSION_BY_GIT.test(requirement.trim()));
  return found === undefined ? null : (/^[A-Za-z0-9._-]+/.exec(found.trim())?.[0] ?? found);
}

function poetry(table: Table): Table | null {
  return tableOf(tableOf(table['tool'])?.['poetry']);
}

function tableOf(value: unknown): Table | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function keys(value: unknown): string[] {
  return Object.keys(tableOf(value) ?? {});
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

import { resolve } from 'node:path';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { maskCredentials, runTool, toolProblem } from '../toolchain/exec.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { privateUv } from '../toolchain/uv.ts';
import type { ExportedLock } from './pylock.ts';
import { readToml } from './pyproject.ts';
import { requirementLines } from './requirements.ts';

/** Where the lock's packages come from: addresses as uv writes them, without credentials. */
export function lockIndexes(table: Readonly<Record<string, unknown>>): string[] {
  const packages = Array.isArray(table['package']) ? table['package'] : [];
  const found = new Set<string>();
  for (const entry of packages) {
    const source: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'source') : null;
    const registry: unknown =
      typeof source === 'object' && source !== null ? Reflect.get(source, 'registry') : null;
    if (typeof registry === 'string') found.add(registry);
  }
  return [...found];
}

/**
 * uv knows nothing of pip's variables, and the lock says where each package comes from. Where they say different
 * things, one of the two would be asked for packages that the user expects from the other.
 */
export function refuseContradiction(
  lock: string,
  indexes: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  if (indexes.length === 0) return;
  const known = new Set(indexes.map(bare));
  const noIndex = env['PIP_NO_INDEX'] ?? '';
  if (/^(1|true|yes|on)$/i.test(noIndex)) {
    throw contradiction(lock, 'PIP_NO_INDEX is set', indexes);
  }
  for (const name of ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL']) {
    const other = (env[name] ?? '').split(/\s+/).find((url) => url !== '' && !known.has(bare(url)));
    if (other !== undefined) throw contradiction(lock, `${name} names ${maskCredentials(other)}`, indexes);
  }
}

function contradiction(lock: string, what: string, indexes: readonly string[]): Error {
  return problem(
    'settings',
    `${what}, but ${lock} was locked against ${indexes.map(maskCredentials).join(', ')}.`,
    {
      hint: 'Unset it, or lock again with that index in [[tool.uv.index]].',
    },
  );
}

function bare(url: string): string {
  return url.replace(/:\/\/[^/@]*@/, '://').replace(/\/+$/, '');
}

/** pip's variables for the lock's indexes, with the credentials that uv would have used. Never for argv. */
export function bridgedIndexes(
  indexes: readonly string[],
  pyproject: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const known = [...uvIndexes(pyproject, env), ...pipIndexes(env)];
  const withCredentials = indexes.map((url) => known.find((other) => bare(other) === bare(url)) ?? url);
  const [first, ...more] = withCredentials;
  // An empty value also silences what a pip.conf names.
  return first === undefined ? {} : { PIP_INDEX_URL: first, PIP_EXTRA_INDEX_URL: more.join(' ') };
}

function pipIndexes(env: Readonly<Record<string, string | undefined>>): string[] {
  return ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL'].flatMap((name) => (env[name] ?? '').split(/\s+/));
}

function uvIndexes(
  pyproject: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const names = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_INDEX', 'UV_EXTRA_INDEX_URL'];
  const fromEnv = names
    .flatMap((name) => (env[name] ?? '').split(/\s+/))
    .map((url) => url.replace(/^[\w-]+=/, ''));
  const tool: unknown = pyproject['tool'];
  const uv: unknown = typeof tool === 'object' && tool !== null ? Reflect.get(tool, 'uv') : null;
  const listed: unknown = typeof uv === 'object' && uv !== null ? Reflect.get(uv, 'index') : null;
  const named = Array.isArray(listed) ? listed : [];
  return [
    ...fromEnv,
    ...named.flatMap((entry: unknown) => {
      const name: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'name') : null;
      const url: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'url') : null;
      if (typeof name !== 'string' || typeof url !== 'string') return [];
      const prefix = `UV_INDEX_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
      const user = env[`${prefix}_USERNAME`];
      const password = env[`${prefix}_PASSWORD`];
      if (user === undefined && password === undefined) return [];
      const login = `${encodeURIComponent(user ?? '')}:${encodeURIComponent(password ?? '')}`;
      return [url.replace('://', `://${login}@`)];
    }),
  ];
}

/**
 * The lock's requirements for the project at `project`, as `uv export --locked` gives them.
 * Throws a settings problem where the lock is not up to date with the project.
 */
export async function exportUvLock(
  request: {
    readonly project: string;
    readonly lock: string;
    /** The workspace's root, which the paths that uv writes are relative to. */
    readonly root: string;
    readonly extras: readonly string[];
    readonly interpreter: Interpreter;
  },
  context: ToolContext,
): Promise<ExportedLock> {
  const { project, lock, root, extras, interpreter } = request;
  const indexes = lockIndexes(readToml(lock));
  const uv = await privateUv(interpreter, context);
  const args = ['export', '--locked', '--no-dev', '--no-emit-project', '--no-editable', '--format'];
  const result = await runTool(
    {
      tool: uv,
      args: [
        ...args,
        'requirements-txt',
        '--no-header',
        '--no-annotate',
        ...extras.flatMap((name) => ['--extra', name]),
      ],
      cwd: project,
      env: toolEnvironment(context.env, {
        UV_PYTHON: interpreter.path,
        UV_PYTHON_DOWNLOADS: 'never',
        UV_NO_PROGRESS: '1',
      }),
    },
    context,
  );
  if (result.exitCode !== 0) {
    if (/needs to be updated|Failed to parse .*uv\.lock/.test(result.stderr)) {
      throw problem('settings', 'uv.lock is not up to date with pyproject.toml.', {
        hint: 'Run `uv lock` and commit the result.',
      });
    }
    if (/Extra .* is not defined/i.test(result.stderr)) {
      throw problem('settings', `extras: ${maskCredentials(result.stderr.trim())}`);
    }
    throw toolProblem(result, 'Reading uv.lock');
  }
  const lines = requirementLines(result.stdout).map(({ text }) => text);
  const hashed = lines.filter((line) => line.includes('--hash='));
  const local = lines
    .filter((line) => !line.includes('--hash=') && !line.startsWith('--'))
    .map((line) => line.replace(/^-e\s+/, ''))
    .map((line) => (/^\.{1,2}(\/|$)/.test(line) ? resolve(root, line) : line));
  return { hashed, local, indexes };
}

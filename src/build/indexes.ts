import * as v from 'valibot';
import { problem } from '../problem.ts';
import { maskCredentials } from '../toolchain/exec.ts';
import type { Environment } from '../toolchain/paths.ts';

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
export function refuseContradiction(lock: string, indexes: readonly string[], env: Environment): void {
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

export const hasLogin = (url: string): boolean => /:\/\/[^/@]+@/.test(url);

function bare(url: string): string {
  return url.replace(/:\/\/[^/@]*@/, '://').replace(/\/+$/, '');
}

/** pip's variables for the lock's indexes, with the credentials that are `known` of them. Never for argv. */
export function bridgedIndexes(
  indexes: readonly string[],
  known: readonly string[],
): Readonly<Record<string, string>> {
  const login = (url: string): string => known.find((other) => bare(other) === bare(url)) ?? url;
  const withLogin = indexes.map((url) => (hasLogin(url) ? url : login(url)));
  const [first, ...more] = withLogin;
  // Nothing is no value to pip, which would then ask those of a pip.conf, too.
  const extra = more.length === 0 ? [first] : more;
  return first === undefined ? {} : { PIP_INDEX_URL: first, PIP_EXTRA_INDEX_URL: extra.join(' ') };
}

/** Whether an index is meant that is not everybody's: one that may want a login, and must not be mistaken. */
export function isPrivate(index: string): boolean {
  return bare(index) !== 'https://pypi.org/simple';
}

interface UvIndex {
  /** With its login, where one is known. */
  readonly url: string;
  readonly isDefault: boolean;
  /** Asked for the packages alone that name it. */
  readonly isExplicit: boolean;
}

/** What uv knows of indexes: its variables first, then `[[tool.uv.index]]`. */
export function uvIndexes(pyproject: unknown, env: Environment): readonly UvIndex[] {
  const fromEnv = (name: string, isDefault: boolean): UvIndex[] =>
    (env[name] ?? '')
      .split(/\s+/)
      .filter((url) => url !== '')
      .map((url) => ({ url: url.replace(/^[\w-]+=/, ''), isDefault, isExplicit: false }));
  const parsed = v.safeParse(pyprojectSchema, pyproject);
  const listed = parsed.success ? (parsed.output.tool?.uv?.index ?? []) : [];
  return [
    ...fromEnv('UV_DEFAULT_INDEX', true),
    ...fromEnv('UV_INDEX_URL', true),
    ...fromEnv('UV_INDEX', false),
    ...fromEnv('UV_EXTRA_INDEX_URL', false),
    ...listed.map(({ name, url, default: isDefault, explicit: isExplicit }) => ({
      url: name === undefined ? url : withLogin(name, url, env),
      isDefault,
      isExplicit,
    })),
  ];
}

const pyprojectSchema = v.object({
  tool: v.optional(
    v.object({
      uv: v.optional(
        v.object({
          index: v.optional(
            v.array(
              v.object({
                name: v.optional(v.string()),
                url: v.string(),
                default: v.optional(v.boolean(), false),
                explicit: v.optional(v.boolean(), false),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
});

function withLogin(name: string, url: string, env: Environment): string {
  const prefix = `UV_INDEX_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const user = env[`${prefix}_USERNAME`];
  const password = env[`${prefix}_PASSWORD`];
  if (user === undefined && password === undefined) return url;
  const login = `${encodeURIComponent(user ?? '')}:${encodeURIComponent(password ?? '')}`;
  return url.replace('://', `://${login}@`);
}

/**
 * Where what the lock does not list (build backends) is asked for, the first before all others, where the project names another default than the
 * public index: uv would ask that one, and pip knows nothing of it. None where the user has set one for pip.
 */
export function backendIndexes(uv: readonly UvIndex[], env: Environment): readonly string[] {
  const first = uv.find(({ isDefault }) => isDefault);
  if (first === undefined || (env['PIP_INDEX_URL'] ?? '') !== '') return [];
  const more = uv.filter((index) => index !== first && !index.isDefault && !index.isExplicit);
  return [first, ...more].map(({ url }) => url);
}

import * as v from 'valibot';
import { problem } from '../problem.ts';

const hashes = v.record(v.string(), v.string());
const file = v.object({ hashes });
const lock = v.object({
  'default-groups': v.optional(v.array(v.string()), []),
  packages: v.array(
    v.object({
      name: v.string(),
      version: v.optional(v.string()),
      marker: v.optional(v.string()),
      index: v.optional(v.string()),
      wheels: v.optional(v.array(file), []),
      sdist: v.optional(file),
      archive: v.optional(v.object({ url: v.optional(v.string()), path: v.optional(v.string()), hashes })),
      directory: v.optional(v.object({ path: v.string() })),
      vcs: v.optional(v.object({ type: v.string(), url: v.optional(v.string()), 'commit-id': v.string() })),
    }),
  ),
});

export interface ExportedLock {
  /** Requirements that all carry hashes. */
  readonly hashed: readonly string[];
  /** Paths and repositories, which have no hash that pip could check. */
  readonly local: readonly string[];
  /** Addresses of the indexes that the lock was made from. */
  readonly indexes: readonly string[];
}

/** The requirements that a `pylock.toml` (PEP 751) names for these extras. `self` is the project's own name. */
export function fromPylock(table: unknown, extras: readonly string[], self: string | null): ExportedLock {
  const parsed = v.safeParse(lock, table);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw problem('settings', `pylock.toml is not a lock: ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
  }
  const { packages, 'default-groups': groups } = parsed.output;
  const hashed: string[] = [];
  const local: string[] = [];
  for (const entry of packages) {
    if (entry.name === self) continue;
    const marker = entry.marker === undefined ? '' : ` ; ${settleGroups(entry.marker, extras, groups)}`;
    if (entry.directory !== undefined) {
      const { path } = entry.directory;
      // A bare name would be taken for a distribution's.
      local.push(`${/^[./]/.test(path) ? path : `./${path}`}${marker}`);
    } else if (entry.vcs !== undefined) {
      const { type, url, 'commit-id': commit } = entry.vcs;
      if (url !== undefined) local.push(`${entry.name} @ ${type}+${url}@${commit}${marker}`);
    } else if (entry.archive !== undefined) {
      const { url, path, hashes: sums } = entry.archive;
      const address = url ?? path ?? '';
      const requirement = url === undefined ? address : `${entry.name} @ ${address}`;
      hashed.push(`${requirement}${marker} ${sha256Options([{ hashes: sums }])}`);
    } else {
      const files = [...entry.wheels, ...(entry.sdist === undefined ? [] : [entry.sdist])];
      hashed.push(`${entry.name}==${entry.version ?? ''}${marker} ${sha256Options(files)}`);
    }
  }
  const indexes = new Set(packages.flatMap((entry) => (entry.index === undefined ? [] : [entry.index])));
  return { hashed, local, indexes: [...indexes] };
}

function sha256Options(files: readonly { readonly hashes: Readonly<Record<string, string>> }[]): string {
  const sums = files.flatMap((entry) => Object.entries(entry.hashes));
  return sums
    .filter(([name]) => ['sha256', 'sha384', 'sha512'].includes(name))
    .map(([name, sum]) => `--hash=${name}:${sum}`)
    .join(' ');
}

/** pip knows no `extras` and `dependency_groups` in markers: what they come to is known here. */
function settleGroups(marker: string, extras: readonly string[], groups: readonly string[]): string {
  const membership = /(['"])([^'"]+)\1\s+(not\s+)?in\s+(extras|dependency_groups)/g;
  return marker.replaceAll(membership, (_all, _quote, name: string, not: string | undefined, of: string) => {
    const there = (of === 'extras' ? extras : groups).includes(name);
    return there === (not === undefined) ? "python_version > '0'" : "python_version < '0'";
  });
}

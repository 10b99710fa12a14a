import * as v from 'valibot';
import { sha256Of } from '../digest.ts';
import { BUILT_LAYOUTS, type BuiltLayout, VERDICTS, type Verdict } from '../report/model.ts';
import type { Machine } from '../toolchain/machine.ts';
import { byBytes, linkStaysInside, unsafePath } from './paths.ts';
import { TOKEN } from './tokens.ts';

/** One thing in a layout. Directories are listed too: an empty one is part of a tree. */
export type Entry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      /** Bytes and hash of the tokenised form. */
      readonly size: number;
      readonly sha256: string;
      /** Whether tokens stand in it. */
      readonly tokens: boolean;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Sorted by path. */
export type Manifest = readonly Entry[];

export type Platform = Pick<Machine, 'os' | 'architecture' | 'libc'>;

/** What is known of a layout and is the same for the same input: it travels in archives too. */
export interface LayoutInfo {
  /** The version of exitproof that checked it. */
  readonly exitproof: string;
  readonly commit: string | null;
  readonly verdict: Verdict;
  readonly entry: string;
  readonly layout: BuiltLayout;
  /** What runs, relative to the layout. */
  readonly executable: string;
  readonly interpreter: {
    readonly implementation: string;
    readonly version: string;
    /** Empty where the interpreter could not tell. */
    readonly soabi: string;
  };
  /** What the compiled code in it is bound to; null where all of it is Python. */
  readonly platform: Platform | null;
  /** The file that the layout was made from. */
  readonly artifact: { readonly name: string; readonly sha256: string } | null;
}

export interface FrozenLayout {
  readonly info: LayoutInfo;
  readonly manifest: Manifest;
}

/** Raised whenever what is frozen, or how, changes. It is a part of the cache key. */
export const LAYOUT_FORMAT = 3;
/** Exitproof's own folder within a layout; no part of the tree that the manifest lists. */
export const OWN_FOLDER = '.exitproof';
export const LAYOUT_FILE = `${OWN_FOLDER}/layout.json`;

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o777));
const path = v.pipe(
  v.string(),
  v.check((value) => unsafePath(value) === null, 'a path that leaves the layout'),
);
const entrySchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('directory'), path, mode }),
  v.strictObject({
    kind: v.literal('file'),
    path,
    mode,
    size: v.pipe(v.number(), v.integer(), v.minValue(0)),
    sha256,
    tokens: v.boolean(),
  }),
  v.strictObject({ kind: v.literal('link'), path, target: v.string() }),
]);
const frozenSchema = v.strictObject({
  format: v.literal(LAYOUT_FORMAT),
  info: v.strictObject({
    exitproof: v.string(),
    commit: v.nullable(v.string()),
    verdict: v.picklist(VERDICTS),
    entry: v.string(),
    layout: v.picklist(BUILT_LAYOUTS),
    executable: path,
    interpreter: v.strictObject({
      implementation: v.string(),
      version: v.string(),
      soabi: v.string(),
    }),
    platform: v.nullable(
      v.strictObject({ os: v.string(), architecture: v.string(), libc: v.nullable(v.string()) }),
    ),
    artifact: v.nullable(v.strictObject({ name: path, sha256 })),
  }),
  manifest: v.array(entrySchema),
});
const formatSchema = v.object({ format: v.number() });

/** The text of `layout.json`. */
export function seal({ info, manifest }: FrozenLayout): string {
  return sealJson({ format: LAYOUT_FORMAT, info, manifest: manifest.map(inOrder) });
}

/** The same bytes for the same entry, whoever has put it together. */
function inOrder(entry: Entry): Entry {
  const { kind, path } = entry;
  switch (kind) {
    case 'directory':
      return { kind, path, mode: entry.mode };
    case 'file': {
      const { mode, size, sha256, tokens } = entry;
      return { kind, path, mode, size, sha256, tokens };
    }
    case 'link':
      return { kind, path, target: entry.target };
  }
}

export type Unsealed =
  | { readonly kind: 'layout'; readonly layout: FrozenLayout; readonly digest: string }
  | { readonly kind: 'corrupt'; readonly reason: string }
  /** Whole, but of another version of exitproof. */
  | { readonly kind: 'other-format'; readonly reason: string };

export function unseal(text: string): Unsealed {
  const sealed = unsealJson(text);
  if (sealed === null) return corrupt('it is not what was written');
  const written = v.safeParse(formatSchema, sealed.value);
  if (written.success && written.output.format !== LAYOUT_FORMAT) {
    const { format } = written.output;
    const reason = `the layout is of format ${format}, and this exitproof takes ${LAYOUT_FORMAT}: check the program anew`;
    return { kind: 'other-format', reason };
  }
  const parsed = v.safeParse(frozenSchema, sealed.value);
  if (!parsed.success) return corrupt(v.summarize(parsed.issues).split('\n')[0] ?? 'it has another form');
  const { info, manifest } = parsed.output;
  const fault = treeFault(manifest);
  if (fault !== null) return corrupt(fault);
  return { kind: 'layout', layout: { info, manifest }, digest: sealed.digest };
}

/** JSON that carries its own digest, so that a changed mode or name in it is seen. */
export function sealJson(value: unknown): string {
  const text = JSON.stringify(value);
  return `{"digest":"${sha256Of(text)}","value":${text}}\n`;
}

export function unsealJson(text: string): { readonly digest: string; readonly value: unknown } | null {
  const [, digest, written] = SEALED.exec(text) ?? [];
  if (digest === undefined || written === undefined || sha256Of(written) !== digest) return null;
  try {
    return { digest, value: JSON.parse(written) };
  } catch {
    return null;
  }
}

const SEALED = /^\{"digest":"([0-9a-f]{64})","value":(.*)\}\n$/s;

function corrupt(reason: string): Unsealed {
  return { kind: 'corrupt', reason: `${LAYOUT_FILE}: ${reason}` };
}

/** What makes a manifest unfit to be written to a disk, or null. */
function treeFault(manifest: Manifest): string | null {
  const kinds = new Map<string, Entry['kind']>();
  for (const entry of manifest) {
    if (kinds.has(entry.path)) return `${entry.path} is listed twice`;
    if (entry.path === OWN_FOLDER || entry.path.startsWith(`${OWN_FOLDER}/`)) {
      return `${entry.path} is reserved`;
    }
    kinds.set(entry.path, entry.kind);
  }
  for (const entry of manifest) {
    // A link as parent would redirect what is written below it. What lies above the parent is looked at with the parent.
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    if (parent !== '' && kinds.get(parent) !== 'directory') {
      return `${entry.path} lies below ${parent}, which is no folder`;
    }
    if (entry.kind === 'link' && !allowedTarget(entry.path, entry.target)) {
      return `${entry.path} links out of the layout`;
    }
  }
  return null;
}

/** Relative and inside, or the interpreter itself. */
export function allowedTarget(path: string, target: string): boolean {
  return target === TOKEN.python || linkStaysInside(path, target);
}

/** Whether its interpreter is in it. */
export function carriesPython(layout: BuiltLayout): boolean {
  return layout === 'onedir' || layout === 'onefile';
}

/** One sha256 for all files: over the lines that `sha256sum` prints of them, sorted by path. */
export function treeDigest(manifest: Manifest): string {
  const lines = manifest.flatMap((entry) =>
    entry.kind === 'file' ? `${entry.sha256}  ${entry.path}\n` : [],
  );
  return sha256Of(lines.join(''));
}

/** The first difference in words, in the order of paths; null where both are the same tree. */
export function firstDifference(expected: Manifest, found: Manifest): string | null {
  const here = new Map(found.map((entry) => [entry.path, entry]));
  const there = new Set(expected.map((entry) => entry.path));
  const added = found.find((entry) => !there.has(entry.path));
  for (const entry of expected) {
    const difference = differs(entry, here.get(entry.path));
    if (difference === null) continue;
    if (added !== undefined && byBytes(added.path, entry.path) < 0) break;
    return difference;
  }
  return added === undefined ? null : `${added.path} was added`;
}

/** How one entry is not what it should be, in words; null where it is. */
export function differs(expected: Entry, found: Entry | undefined): string | null {
  if (found === undefined) return `${expected.path} is missing`;
  if (expected.kind === 'link') {
    if (found.kind !== 'link') return `${expected.path} is no link any more`;
    return expected.target === found.target ? null : `${expected.path} links elsewhere`;
  }
  if (found.kind !== expected.kind) return `${expected.path} is no ${expected.kind} any more`;
  if (expected.kind === 'file' && found.kind === 'file') {
    if (expected.sha256 !== found.sha256 || expected.tokens !== found.tokens) {
      return `${expected.path} has other content`;
    }
  }
  return expected.mode === found.mode
    ? null
    : `${expected.path} has the mode ${found.mode.toString(8)}, not ${expected.mode.toString(8)}`;
}

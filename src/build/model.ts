import type { BuiltLayout } from '../report/model.ts';
import type { FoundInterpreter } from '../toolchain/interpreter.ts';
import type { Repository } from './git.ts';
import type { BuilderName } from './layoutsOf.ts';

/** What is to be built, resolved: every "found" setting has an answer, and says where it came from. */
export interface BuildPlan {
  readonly source:
    | { readonly kind: 'project'; readonly folder: string }
    /** A folder without packaging metadata: its own files are packed as they are. */
    | { readonly kind: 'folder'; readonly folder: string }
    | { readonly kind: 'requirement' };
  /** That the source lies in; null outside of any. */
  readonly repository: Repository | null;
  /** Requirement strings that are built from the index, beside or instead of the project. */
  readonly requirement: readonly string[];
  /** The project's distribution name, normalised; null for `folder` and `requirement`. */
  readonly distribution: string | null;
  readonly extras: readonly string[];
  readonly entry: Entry;
  readonly lock: Lock;
  readonly interpreter: FoundInterpreter;
  readonly builder: {
    readonly name: BuilderName;
    readonly version: string;
    readonly args: readonly string[];
    /** Of its own wheel, as the index first gave it; null for the locked version and for what comes with Python. */
    readonly sha256: string | null;
  };
  /** Seconds since 1970, for reproducible artifacts. */
  readonly sourceDateEpoch: number;
  /** The folder that exitproof writes to, absolute: never part of what is packed. */
  readonly output: string;
  /** Already there where only the wheels could tell what the entry point is. */
  readonly ready: Wheelhouse | null;
}

export type Entry =
  | { readonly kind: 'script'; readonly name: string; readonly from: string }
  | { readonly kind: 'function'; readonly target: string; readonly from: string }
  | { readonly kind: 'file'; readonly path: string; readonly from: string }
  | { readonly kind: 'module'; readonly name: string; readonly from: string };

export type Lock =
  | { readonly kind: 'uv' | 'pylock' | 'hashed' | 'requirements'; readonly path: string }
  | { readonly kind: 'unlocked' };

export interface Wheel {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

/** Wheels of one build, before any artifact is made from them: the cache key is taken here. */
export interface Wheelhouse {
  readonly folder: string;
  readonly dependencies: readonly Wheel[];
  /** The project's own wheel; null for `requirement` and `folder`. */
  readonly project: Wheel | null;
  /** A clean copy of the project's files, for what is packed as it stands; null for `requirement`. */
  readonly sources: Sources | null;
  /** Names of the dependencies whose wheels an earlier job has built from sdists. */
  readonly reused: readonly string[];
}

export interface Sources {
  readonly folder: string;
  /** Where `__main__.py` of a packed folder lies instead: at its top PEX has one of its own. */
  readonly main: string | null;
  /** Over path, mode and content of every file that is packed; null where the wheel alone is packed. */
  readonly sha256: string | null;
}

/** What a builder wrote. */
export interface BuiltFile {
  /** Absolute; of a layout that is a folder without one file behind it, that folder. */
  readonly path: string;
  /** Of a folder: over the lines that `sha256sum` would print of its files, sorted by path. */
  readonly sha256: string;
}

export interface Artifact extends BuiltFile {
  readonly layout: BuiltLayout;
}

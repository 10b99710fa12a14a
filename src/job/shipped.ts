import type { BuiltFile } from '../build/model.ts';
import type { FrozenLayout, Manifest } from '../layout/manifest.ts';
import type { Memory } from '../layout/memory/memory.ts';
import type { BuiltLayout } from '../report/model.ts';

/** A layout as users get it: what is watched, cached and archived. */
export interface ShippedTree {
  readonly layout: BuiltLayout;
  /** Absolute. Of one file: where it lies, perhaps among others. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly executable: string;
  /** What it was made from, or itself. */
  readonly artifact: BuiltFile;
  /** What belongs to it; null where it can't be moved. */
  readonly manifest: Manifest | null;
  /** What came while it ran, relative to the folder, and was removed again. */
  readonly added: readonly string[];
  /** What an earlier check sealed, where it came from the cache. */
  readonly restored: FrozenLayout | null;
  /** Of how its files looked when it came from there. */
  readonly memory?: Memory;
}

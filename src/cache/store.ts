/** Where frozen layouts are kept. No method throws: the cache never fails a job. */
export interface LayoutStore {
  readonly kind: 'directory' | 'github';
  /** How the store packs, a part of the key. */
  readonly compression: string;
  /** Where a layout is to be frozen to before it is saved. */
  readonly file: string;
  /** The entry with exactly this key. */
  restore(key: string): Promise<Found>;
  /** The key of the newest entry that begins with the first prefix that any has. For words only: nothing is loaded. */
  nearest(prefixes: readonly string[]): Promise<string | null>;
  /** Takes what lies at `file`. */
  save(key: string): Promise<Saved>;
}

export type Found =
  | { readonly result: 'hit'; readonly file: string }
  | { readonly result: 'miss'; readonly reason: string }
  | { readonly result: 'denied'; readonly reason: string };

export interface Saved {
  readonly saved: boolean;
  readonly reason: string;
}

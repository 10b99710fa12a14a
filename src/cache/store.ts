/** Where entries are kept, each of one file. No method throws: the cache never fails a job. */
export interface EntryStore {
  readonly kind: 'directory' | 'github';
  /** How the store packs, a part of the key. */
  readonly compression: string;
  /** What is saved is made here, and what is found may lie here: this job's own. */
  readonly file: string;
  /** The entry of this key, or what replaced it; else the newest that begins with the first prefix that any has. */
  find(key: string, prefixes?: readonly string[]): Promise<Found>;
  /** What came back under `key` is not what was saved, or of no use: the next save replaces it. */
  reject(key: string): void;
  /** Why a save would be refused unasked; null where it is worth a try. */
  refusal(): string | null;
  /** Takes what lies at `file`. */
  save(key: string): Promise<Saved>;
}

export type Found =
  /** `key` is the one that it was saved under. */
  | { readonly result: 'hit'; readonly file: string; readonly key: string }
  | { readonly result: 'miss'; readonly reason: string; readonly nearest: string | null }
  | { readonly result: 'denied'; readonly reason: string }
  /** There is such an entry, and it can't be unpacked. */
  | { readonly result: 'corrupt'; readonly reason: string; readonly key: string };

export interface Saved {
  readonly saved: boolean;
  readonly reason: string;
  /** The one that it was saved under. */
  readonly key: string;
}

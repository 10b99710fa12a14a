import { satisfies, validRange } from '@renovatebot/pep440';
import type { IndexFile } from './page.ts';
import { isSameVersion, wheelName } from './wheelName.ts';

/** One pinned requirement of a lock with hashes. */
export interface Pinned {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** Of all files that may stand for it. */
  readonly sha256: readonly string[];
  /** As it stands in the lock; null where there is none. */
  readonly marker: string | null;
}

/** What an interpreter takes. */
export interface Supported {
  /** X.Y.Z. */
  readonly version: string;
  /** `cp312-cp312-manylinux_2_28_x86_64`, the best first. */
  readonly tags: readonly string[];
}

/**
 * The wheel that pip would take of these files; null where that is for pip to say. Only where each hash of the lock is the
 * hash of one of these files: then no other index can have a better one.
 */
export function chooseWheel(
  { name, version, sha256 }: Pinned,
  files: readonly IndexFile[],
  { version: python, tags }: Supported,
): IndexFile | null {
  const byHash = new Map(files.map((file) => [file.sha256, file]));
  if (sha256.length === 0 || !sha256.every((hash) => byHash.has(hash))) return null;
  const order = new Map(tags.map((tag, place) => [tag, place]));
  const ranked: { readonly file: IndexFile; readonly place: number }[] = [];
  for (const hash of sha256) {
    const file = byHash.get(hash);
    if (file === undefined || !file.filename.endsWith('.whl')) continue;
    const wheel = wheelName(file.filename);
    if (wheel.name !== name || !isSameVersion(wheel.version, version)) return null;
    const { requiresPython: range } = file;
    if (range && !validRange(range)) return null;
    if (range && !satisfies(python, range, { prereleases: true })) continue;
    const places = wheel.tags.flatMap((tag) => order.get(tag) ?? []);
    if (places.length > 0) ranked.push({ file, place: Math.min(...places) });
  }
  ranked.sort((a, b) => Number(a.file.isYanked) - Number(b.file.isYanked) || a.place - b.place);
  const [best, next] = ranked;
  // Where its page doesn't say, pip asks the wheel.
  if (best === undefined || best.file.requiresPython === undefined) return null;
  // pip takes even an sdist before what was withdrawn.
  if (best.file.isYanked && sha256.some((hash) => byHash.get(hash)?.isYanked === false)) return null;
  // Build numbers decide then.
  const isTie = next !== undefined && next.place === best.place && next.file.isYanked === best.file.isYanked;
  return isTie && next.file.sha256 !== best.file.sha256 ? null : best.file;
}

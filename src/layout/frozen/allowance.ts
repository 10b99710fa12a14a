import type { Manifest } from '../manifest.ts';

/** How many bytes a packed archive may unpack to: a few megabytes of gzip can hold gigabytes of zeros. */
export interface Allowance {
  /** Whether so many more are too many. */
  readonly exceeds: (bytes: number) => boolean;
  /** From now on it is what the manifest says. */
  readonly listed: (manifest: Manifest) => void;
}

/** Bytes. Every archive that exitproof writes begins with its manifest; one that was packed again may end with it. */
const UNLISTED = 1 << 26;
/** Python and compiled code come to a third or a fifth. */
const UNLISTED_RATIO = 20;
/** Bytes: exitproof's own files, of which the manifest tells nothing. */
const OWN = 1 << 26;
/** Bytes that a tar takes for an entry beside its content, with a long path. */
const HEADER = 4096;

/** `packed`: the size of the archive. */
export function allowance(packed: number): Allowance {
  let left = Math.max(UNLISTED, packed * UNLISTED_RATIO);
  let spent = 0;
  return {
    exceeds: (bytes) => {
      spent += bytes;
      return spent > left;
    },
    listed: (manifest) => {
      const sizes = manifest.map((entry) => (entry.kind === 'file' ? entry.size : 0) + HEADER);
      left = sizes.reduce((sum, size) => sum + size, OWN);
    },
  };
}

import { maskSecrets } from '../evidence/mask.ts';

const MASK = '***';
const SHORTEST_PART = 4;

export interface Cut {
  readonly start: boolean;
  readonly end: boolean;
}

/** For a piece that was cut out of a longer text: the part of a secret that stands at a cut edge is masked too. */
export function maskPiece(text: string, secrets: readonly string[], cut: Cut): string {
  let piece = text;
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= SHORTEST_PART; length -= 1) {
      if (cut.end && piece.endsWith(secret.slice(0, length))) piece = piece.slice(0, -length) + MASK;
      if (cut.start && piece.startsWith(secret.slice(-length))) piece = MASK + piece.slice(length);
    }
  }
  return maskSecrets(piece, secrets);
}

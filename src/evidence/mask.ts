const MASK = '***';
/** Shorter ones would blacken ordinary words. */
const SHORTEST = 4;

/** Replaces each secret, and each line of one that has several; the longest first, for one may hold another. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const words = secrets
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
    .filter((word) => word.trim().length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return words.reduce((masked, word) => masked.replaceAll(word, MASK), text);
}

export interface Cut {
  readonly start: boolean;
  readonly end: boolean;
}

/** For a piece that was cut out of a longer text: the part of a secret that stands at a cut edge is masked too. */
export function maskPiece(text: string, secrets: readonly string[], cut: Cut): string {
  let piece = text;
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= SHORTEST; length -= 1) {
      if (cut.end && piece.endsWith(secret.slice(0, length))) piece = piece.slice(0, -length) + MASK;
      if (cut.start && piece.startsWith(secret.slice(-length))) piece = MASK + piece.slice(length);
    }
  }
  return maskSecrets(piece, secrets);
}

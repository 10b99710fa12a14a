const MASK = '***';
/** Shorter ones would blacken ordinary words. */
const SHORTEST_SECRET = 4;
// C0 and C1 controls, line and paragraph separators, and what turns the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Replaces each secret, and each line of one that has several; the longest first, for one may hold another. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const words = secrets
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
    .filter((word) => word.trim().length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  return words.reduce((masked, word) => masked.replaceAll(word, MASK), text);
}

/** What came out of the watched program, on one line and harmless to a terminal: `\n` stands as `\u000a`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

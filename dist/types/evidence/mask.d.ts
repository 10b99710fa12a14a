/** Replaces each secret, and each line of one that has several; the longest first, for one may hold another. */
export declare function maskSecrets(text: string, secrets: readonly string[]): string;
/** What came out of the watched program, on one line and harmless to a terminal: `\n` stands as `\u000a`. */
export declare function printable(text: string): string;

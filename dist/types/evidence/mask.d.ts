/** Replaces each secret, and each line of one that has several; the longest first, for one may hold another. */
export declare function maskSecrets(text: string, secrets: readonly string[]): string;
export interface Cut {
    readonly start: boolean;
    readonly end: boolean;
}
/** For a piece that was cut out of a longer text: the part of a secret that stands at a cut edge is masked too. */
export declare function maskPiece(text: string, secrets: readonly string[], cut: Cut): string;

export interface Cut {
    readonly start: boolean;
    readonly end: boolean;
}
/** For a piece that was cut out of a longer text: the part of a secret that stands at a cut edge is masked too. */
export declare function maskPiece(text: string, secrets: readonly string[], cut: Cut): string;

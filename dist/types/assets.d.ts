/** A file that ships beside `dist/` and is read at run time: the probe, the tools' locks. */
export declare function asset(...parts: readonly string[]): string;
export declare function ownVersion(): string;

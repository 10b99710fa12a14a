export interface ZipDirectory {
    /** The central directory, as it lies in the file. */
    readonly entries: Buffer;
    /** What stands before the first entry (a shebang, a boot script) shifts each offset by so much. */
    readonly shift: number;
}
export declare function readAt(descriptor: number, position: number, length: number): Buffer;
/** Null for what is no zip, or has a directory that no program has. */
export declare function readZipDirectory(descriptor: number): ZipDirectory | null;

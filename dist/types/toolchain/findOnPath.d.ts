/** The first executable of that name; relative entries of PATH are no place to start tools from. */
export declare function findOnPath(name: string, path: string | undefined): string | null;

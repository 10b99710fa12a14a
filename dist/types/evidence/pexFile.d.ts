/** Whether a file is a PEX, or a script of a PEX's venv layout. */
export declare function isPex(file: string): boolean;

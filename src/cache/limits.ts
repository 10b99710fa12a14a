/** Bytes that checked layouts may take on this machine. */
export const LAYOUTS_LIMIT = 5 * 2 ** 30;
/** Bytes for the wheels that were built from sdists. */
export const BUILT_LIMIT = 2 ** 30;
/** Bytes for compiled modules. */
export const BYTECODE_LIMIT = 2 ** 29;

import type { Rows, ValuesOf } from './row.ts';
import { SAY_ROWS } from './sayRows.ts';

/** The flags of `exitproof cache`. */
export const CACHE_TABLE = { json: SAY_ROWS.json, verbose: SAY_ROWS.verbose } as const satisfies Rows;

export type CacheValues = ValuesOf<typeof CACHE_TABLE>;

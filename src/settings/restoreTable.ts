import type { Rows, ValuesOf } from './row.ts';
import { boolean } from './types/boolean.ts';
import { choice } from './types/choice.ts';
import { path, python, text } from './types/text.ts';

const INPUT = ['input'] as const;

/** The inputs of `restore/action.yml`. */
export const RESTORE_TABLE = {
  key: {
    type: text('key', 'the cache-key that the check gave as its output'),
    default: null,
    sentence: "The check's output `cache-key`; this or `archive`.",
    places: INPUT,
  },
  archive: {
    type: path,
    default: null,
    sentence: 'An archive of the checked layout, as the check packed it; this or `key`.',
    places: INPUT,
  },
  path: {
    type: path,
    default: '.exitproof/restored',
    sentence: 'Where the layout is put; a folder that is not there yet, or an older one of exitproof.',
    places: INPUT,
  },
  python: {
    type: python,
    default: null,
    unset: 'the first on PATH that fits',
    sentence: 'The interpreter that it is to run with, as X.Y or as a path.',
    places: INPUT,
  },
  'add-to-path': {
    type: boolean,
    default: 'false',
    sentence: "Put the layout's scripts on PATH for the steps that follow.",
    places: INPUT,
  },
  'on-miss': {
    type: choice(['fail', 'continue']),
    default: 'fail',
    sentence: 'Whether the job ends where nothing is found, or what is found is not right.',
    places: INPUT,
  },
} as const satisfies Rows;

export type RestoreValues = ValuesOf<typeof RESTORE_TABLE>;

import type { Rows, ValuesOf } from './row.ts';
import { SAY_ROWS } from './sayRows.ts';
import { boolean } from './types/boolean.ts';
import { choice } from './types/choice.ts';
import { path, python, text } from './types/text.ts';

const ANYWHERE = ['flag', 'input'] as const;
const COMMANDS = ['restore'] as const;

/** The inputs of `restore/action.yml`, and the flags of `exitproof restore`. */
export const RESTORE_TABLE = {
  key: {
    // No path: where entries are files, it would lead out of their folder.
    type: text('key', 'the cache-key that the check gave as its output', /^[\w.-]{1,512}$/),
    default: null,
    sentence: "The check's output `cache-key`; this or `archive`.",
    places: ANYWHERE,
    commands: COMMANDS,
  },
  archive: {
    type: path,
    default: null,
    sentence: 'An archive of the checked layout, as the check packed it; this or `key`.',
    places: ANYWHERE,
    commands: COMMANDS,
  },
  path: {
    type: path,
    default: '.exitproof/restored',
    sentence: 'Where the layout is put; a folder that is not there yet, or an older one of exitproof.',
    places: ANYWHERE,
    commands: COMMANDS,
  },
  python: {
    type: python,
    default: null,
    unset: 'one of the X.Y that it was checked with',
    sentence: 'The interpreter that it is to run with, as X.Y or as a path.',
    places: ANYWHERE,
    commands: COMMANDS,
  },
  'add-to-path': {
    type: boolean,
    default: 'false',
    sentence: "Put the layout's scripts on PATH for the steps that follow.",
    places: ['input'],
  },
  'on-miss': {
    type: choice(['fail', 'continue']),
    default: 'fail',
    sentence: 'Whether the job ends where nothing is found, or what is found is not right.',
    places: ANYWHERE,
    commands: COMMANDS,
  },
  ...SAY_ROWS,
} as const satisfies Rows;

export type RestoreValues = ValuesOf<typeof RESTORE_TABLE>;

import type { Rows } from './row.ts';
import { SAY_ROWS } from './sayRows.ts';
import { TABLE } from './table.ts';
import { choice } from './types/choice.ts';
import { count } from './types/count.ts';
import { pathLines } from './types/text.ts';

const COMMANDS = ['merge'] as const;
const { output, report } = TABLE;

/** The inputs of `merge/action.yml`, and the flags of `exitproof merge`, which takes the reports as its operands. */
export const MERGE_TABLE = {
  reports: {
    type: pathLines,
    default: '',
    sentence: 'The reports, a file, a folder or a pattern such as `reports/**/*.json` a line.',
    places: ['input'],
  },
  expect: {
    type: count(10_000),
    default: null,
    unset: 'any number',
    sentence: 'How many reports there must be: a missing one fails.',
    places: ['flag', 'input'],
    commands: COMMANDS,
  },
  'on-stall': {
    type: choice(['fail', 'warn']),
    default: 'fail',
    sentence: 'Whether a stall fails the job or only warns; the verdict stays `stalled`.',
    places: ['flag', 'input'],
    commands: COMMANDS,
  },
  output: {
    type: output.type,
    default: output.default,
    sentence: 'The folder for the merged report, from the working directory.',
    places: ['input'],
    base: 'cwd',
  },
  report: {
    type: report.type,
    group: report.group,
    default: null,
    sentence: 'Write the merged report, JSON, to this file.',
    places: ['flag'],
    commands: COMMANDS,
    base: 'cwd',
  },
  ...SAY_ROWS,
} as const satisfies Rows;

import type { Row } from './row.ts';
import { boolean } from './types/boolean.ts';

const GROUP = 'What is said';
const FLAG = ['flag'] as const;

/** The switches of more than one table. */
export const SAY_ROWS = {
  json: {
    type: boolean,
    group: GROUP,
    default: 'false',
    sentence: 'Print the report, or another result, as JSON on stdout and all else on stderr.',
    places: FLAG,
    commands: ['check', 'build', 'run', 'restore', 'merge', 'cache'],
  },
  quiet: {
    type: boolean,
    group: GROUP,
    default: 'false',
    sentence: 'Print only what went wrong, warnings too.',
    places: FLAG,
    commands: ['check', 'build', 'run', 'restore', 'merge'],
  },
  verbose: {
    type: boolean,
    group: GROUP,
    default: 'false',
    sentence: 'Print also how each decision was made.',
    places: FLAG,
    commands: ['check', 'build', 'run', 'restore', 'merge', 'cache'],
  },
} as const satisfies Readonly<Record<string, Row>>;

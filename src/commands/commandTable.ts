import { CACHE_TABLE } from '../settings/cacheTable.ts';
import { MERGE_TABLE } from '../settings/mergeTable.ts';
import { RESTORE_TABLE } from '../settings/restoreTable.ts';
import type { Command, Rows } from '../settings/row.ts';
import { TABLE } from '../settings/table.ts';

export interface CommandRow {
  readonly sentence: string;
  /** What stands behind the command's name in its usage. */
  readonly usage: string;
  /** What the words of the usage mean, where they are no flags. */
  readonly operands: readonly (readonly [name: string, sentence: string])[];
  /** Where its flags are. */
  readonly table: Rows;
  readonly examples: readonly string[];
}

const DIR = ['DIR', 'The folder with pyproject.toml or setup.py. [.]'] as const;

/** What the CLI can be told to do, in the order of the help. */
export const COMMANDS: Readonly<Record<Command, CommandRow>> = {
  check: {
    sentence: 'Build the program in DIR, run it and watch it end.',
    usage: '[options] [DIR]',
    operands: [DIR],
    table: TABLE,
    examples: [
      'exitproof check',
      'exitproof check app --smoke --version --smoke "convert a.csv" --layouts zipapp,venv',
      'exitproof check --executable build/app --teardown-timeout 5s',
    ],
  },
  build: {
    sentence: 'Only build it.',
    usage: '[options] [DIR]',
    operands: [DIR],
    table: TABLE,
    examples: ['exitproof build --python 3.12 --layouts zipapp'],
  },
  run: {
    sentence:
      "Run a command and watch it end. Reads no pyproject.toml. The exit code is exitproof's, not the command's.",
    usage: '[options] -- COMMAND...',
    operands: [['COMMAND', 'The command and its arguments, taken as they are; no shell runs.']],
    table: TABLE,
    examples: ['exitproof run --run-timeout 5m -- python main.py --all'],
  },
  restore: {
    sentence: 'Put a checked layout in place, by its --key or from its --archive.',
    usage: '[options]',
    operands: [],
    table: RESTORE_TABLE,
    examples: ['exitproof restore --archive app.tar.gz --path /opt/app'],
  },
  merge: {
    sentence: 'Join the reports of several jobs into one verdict.',
    usage: '[options] REPORT...',
    operands: [['REPORT', 'A report, a folder that holds some, or a pattern such as "reports/**/*.json".']],
    table: MERGE_TABLE,
    examples: ['exitproof merge --expect 3 --report all.json reports'],
  },
  cache: {
    sentence: 'Show or empty the folder of what is kept on this machine: layouts, wheels, private tools.',
    usage: '[options] (info | clear)',
    operands: [
      ['info', 'Where it is, what lies in it, how much it may hold.'],
      ['clear', 'Remove all of it, but for the tools of jobs that run.'],
    ],
    table: CACHE_TABLE,
    examples: [],
  },
};

export function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}

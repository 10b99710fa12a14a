import { Command as Commander, CommanderError } from 'commander';
import { problem } from '../problem.ts';
import { addFlags, writtenFlags } from '../settings/flags.ts';
import { didYouMean } from '../settings/nearest.ts';
import { type Command, rowOf } from '../settings/row.ts';
import { TABLE } from '../settings/table.ts';
import { boolean } from '../settings/types/boolean.ts';
import type { Written, WrittenSettings } from '../settings/written.ts';

/** What the command line asks for. */
export type Asked =
  | { readonly command: 'check' | 'build'; readonly flags: WrittenSettings }
  | {
      readonly command: 'run';
      readonly argv: readonly [string, ...string[]];
      readonly flags: WrittenSettings;
    }
  /** Help or the version, to be printed. */
  | { readonly command: 'print'; readonly text: string };

/**
 * @throws a `settings` problem for a command line that isn't right.
 */
export function readArguments(argv: readonly string[], version: string): Asked {
  let asked: Asked | null = null;
  let printed = '';
  const program = quietly(new Commander('exitproof'), (text) => {
    printed += text;
  })
    .description('Build a Python program into an executable, and prove that it exits.')
    .version(version, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand(false)
    .enablePositionalOptions();

  for (const [name, sentence] of [
    ['check', 'Build the program in DIR, run it and watch it end.'],
    ['build', 'Only build it.'],
  ] as const) {
    const command = addFlags(program.command(name), name)
      .description(sentence)
      .argument('[DIR]', 'The folder with pyproject.toml or setup.py. [.]')
      .action((folder: string | undefined) => {
        asked = { command: name, flags: withFolder(writtenFlags(command, name), folder) };
      });
  }
  const run = addFlags(program.command('run'), 'run')
    .description('Run a command and watch it end. Reads no pyproject.toml.')
    .usage('[options] -- COMMAND...')
    .argument('<COMMAND...>', 'The command and its arguments.')
    .passThroughOptions()
    .action(([command = '', ...rest]: readonly string[]) => {
      asked = { command: 'run', argv: [command, ...rest], flags: writtenFlags(run, 'run') };
    });

  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const rest = error.code === 'commander.unknownOption' ? withoutSwitch(argv, namedIn(error)) : null;
    if (rest !== null) return readArguments(rest, version);
    if (error.exitCode !== 0) throw refused(error, program, argv);
    return { command: 'print', text: printed };
  }
  if (asked === null) throw problem('settings', 'no command was given', { hint: COMMANDS });
  return asked;
}

const COMMANDS = 'the commands are check, build and run; exitproof --help says more';

function quietly(program: Commander, print: (text: string) => void): Commander {
  return program
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: print, writeErr: () => undefined });
}

function withFolder(flags: WrittenSettings, folder: string | undefined): WrittenSettings {
  if (folder === undefined) return flags;
  if (flags.has('project')) {
    throw problem('settings', `--project: stands beside the folder “${folder}”, takes one of the two`);
  }
  return new Map<string, Written>([...flags, ['project', { place: 'flag', texts: [folder] }]]);
}

/**
 * `--json=false`, as one can write it for an input, is no option that commander knows: its switches take no value. The
 * command line without it, or null where it was something else that commander didn't know.
 */
function withoutSwitch(argv: readonly string[], named: string): readonly string[] | null {
  const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(named) ?? [];
  if (rowOf(TABLE, name)?.type !== boolean) return null;
  const parsed = boolean.fromTexts([value]);
  if (!parsed.ok) throw problem('settings', `--${name}: got “${value}”, takes ${boolean.takes}`);
  const index = argv.indexOf(named);
  return argv.toSpliced(index, 1, ...(parsed.value ? [`--${name}`] : []));
}

/** What commander's message is about. */
function namedIn(error: CommanderError): string {
  return /'(.*?)'(?: argument missing)?$/s.exec(error.message.replace(/\.$/, ''))?.[1] ?? '';
}

/** Commander's refusals in the words of all the others. */
function refused(error: CommanderError, program: Commander, argv: readonly string[]): Error {
  const named = namedIn(error);
  const command = program.commands.find((candidate) => argv.includes(candidate.name()));
  switch (error.code) {
    case 'commander.unknownOption': {
      const flag = named.replace(/=.*$/s, '');
      const flags = (command ?? program).options.map((option) => option.long ?? '');
      const near = didYouMean(flag, flags);
      const of = command === undefined ? 'exitproof' : `exitproof ${command.name()}`;
      return problem('settings', `${flag}: ${of} has no such flag${near === undefined ? '' : `, ${near}`}`, {
        hint: near === undefined ? `${of} --help lists them` : undefined,
      });
    }
    case 'commander.optionMissingArgument': {
      const name = /--([a-z-]+)/.exec(named)?.[1] ?? '';
      const takes = rowOf(TABLE, name)?.type.takes ?? 'a value';
      return problem('settings', `--${name}: got nothing, takes ${takes}`);
    }
    case 'commander.unknownCommand': {
      const near = didYouMean(named, ['check', 'build', 'run'] satisfies Command[]);
      return problem('settings', `${named}: no such command${near === undefined ? '' : `, ${near}`}`, {
        hint: near === undefined ? COMMANDS : undefined,
      });
    }
    case 'commander.help':
      return problem('settings', 'no command was given', { hint: COMMANDS });
    case 'commander.missingArgument':
      return problem('settings', 'run: got no command, takes one, as in exitproof run -- python main.py');
    case 'commander.excessArguments':
      return problem('settings', `${command?.name() ?? 'exitproof'}: got more than one folder, takes one`);
    default:
      return problem('settings', error.message.replace(/^error: /, ''));
  }
}

import { parseArgs } from 'node:util';
import { problem } from '../problem.ts';
import { flagsOf, isSwitch, writtenFlags } from '../settings/flags.ts';
import { didYouMean } from '../settings/nearest.ts';
import { quoted } from '../settings/refusal.ts';
import type { Command, Row } from '../settings/row.ts';
import type { Written, WrittenSettings } from '../settings/written.ts';
import { COMMANDS, isCommand } from './commandTable.ts';
import { commandHelp, programHelp } from './help.ts';

/** What the command line asks for. */
export type Asked =
  | { readonly command: 'check' | 'build' | 'restore'; readonly flags: WrittenSettings }
  | {
      readonly command: 'run';
      readonly argv: readonly [string, ...string[]];
      readonly flags: WrittenSettings;
    }
  | {
      readonly command: 'merge';
      readonly reports: readonly [string, ...string[]];
      readonly flags: WrittenSettings;
    }
  | { readonly command: 'cache'; readonly deed: 'info' | 'clear'; readonly flags: WrittenSettings }
  /** Help or the version, to be printed. */
  | { readonly command: 'print'; readonly text: string };

const COMMAND_NAMES = Object.keys(COMMANDS).filter(isCommand);
const HINT = `the commands are ${listed(COMMAND_NAMES)}; exitproof --help says more`;

/**
 * @throws a `settings` problem for a command line that isn't right.
 */
export function readArguments(argv: readonly string[], version: string): Asked {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--')
    throw problem('settings', 'no command was given', { hint: HINT });
  if (first === '--help' || first === '-h') return { command: 'print', text: programHelp() };
  if (first === 'help') return { command: 'print', text: helpOn(rest) };
  if (first === '--version') return { command: 'print', text: `${version}\n` };
  if (first.startsWith('-')) throw flagBeforeCommand(first.replace(/=.*$/s, ''), rest);
  if (!isCommand(first)) throw unknownCommand(first);
  const line = split(first, rest);
  return line === 'help' ? { command: 'print', text: commandHelp(first) } : asked(first, line);
}

function helpOn([name, ...more]: readonly string[]): string {
  if (more.length > 0) throw problem('settings', 'help: got more than one command, takes one');
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return programHelp();
  if (!isCommand(name)) throw unknownCommand(name);
  return commandHelp(name);
}

function unknownCommand(name: string): Error {
  const near = didYouMean(name, [...COMMAND_NAMES, 'help']);
  return problem('settings', `${name}: no such command${near === undefined ? '' : `, ${near}`}`, {
    hint: near === undefined ? HINT : undefined,
  });
}

interface Line {
  readonly flags: WrittenSettings;
  readonly operands: readonly string[];
}

function asked(command: Command, { flags, operands }: Line): Asked {
  const [first, ...more] = operands;
  switch (command) {
    case 'check':
    case 'build':
      if (more.length > 0) throw problem('settings', `${command}: got more than one folder, takes one`);
      return { command, flags: withFolder(flags, first) };
    case 'run':
      if (first === undefined) {
        throw problem('settings', 'run: got no command, takes one, as in exitproof run -- python main.py');
      }
      return { command, argv: [first, ...more], flags };
    case 'restore':
      if (first !== undefined) throw problem('settings', `restore: got ${quoted(first)}, takes flags only`);
      return { command, flags };
    case 'merge':
      if (first === undefined) {
        throw problem('settings', 'merge: got no report, takes at least one, as in exitproof merge reports');
      }
      return { command, reports: [first, ...more], flags };
    case 'cache':
      if ((first !== 'info' && first !== 'clear') || more.length > 0) {
        const got = first === undefined ? 'nothing' : quoted(operands.join(' '));
        throw problem('settings', `cache: got ${got}, takes info or clear`);
      }
      return { command, deed: first, flags };
  }
}

/**
 * The flags apart from the rest. `run` stops at the first word that is no flag: what follows is the command's own.
 */
function split(command: Command, argv: readonly string[]): Line | 'help' {
  const flags = flagsOf(COMMANDS[command].table, command);
  const given = new Map<string, readonly string[]>();
  const operands: string[] = [];
  let fault: Error | null = null;
  for (const token of tokensOf(flags, argv)) {
    if (token.kind !== 'option') {
      if (command === 'run') {
        operands.push(...argv.slice(token.kind === 'positional' ? token.index : token.index + 1));
        break;
      }
      if (token.kind === 'positional') operands.push(token.value);
      continue;
    }
    if (token.name === 'help') return 'help';
    const row = flags.get(token.name);
    if (row === undefined || !token.rawName.startsWith('--')) {
      const names = [...flags.keys(), 'help'].map((name) => `--${name}`);
      fault ??= unknownFlag(token.rawName, `exitproof ${command}`, names);
      continue;
    }
    if (isSwitch(row)) {
      const on = row.type.fromTexts([token.value ?? 'true']);
      if (!on.ok) fault ??= badValue(token.name, row, quoted(token.value));
      else if (on.value === true) given.set(token.name, ['true']);
      else given.delete(token.name);
    } else if (token.value === undefined) {
      fault ??= badValue(token.name, row, 'nothing');
    } else {
      given.set(token.name, [...(given.get(token.name) ?? []), token.value]);
    }
  }
  // Help counts wherever it stands, also behind what is wrong.
  if (fault !== null) throw fault;
  return { flags: writtenFlags(flags, given), operands };
}

/** Not strict: that would refuse `--smoke --version`, and in words of its own. */
function tokensOf(flags: ReadonlyMap<string, Row>, argv: readonly string[]) {
  const options = Object.fromEntries(
    [...flags].map(([name, row]) => [name, { type: isSwitch(row) ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function withFolder(flags: WrittenSettings, folder: string | undefined): WrittenSettings {
  if (folder === undefined) return flags;
  if (flags.has('project')) {
    throw problem('settings', `--project: stands beside the folder “${folder}”, takes one of the two`);
  }
  return new Map<string, Written>([...flags, ['project', { place: 'flag', texts: [folder] }]]);
}

function unknownFlag(flag: string, of: string, known: readonly string[]): Error {
  const near = didYouMean(flag, known);
  return problem('settings', `${flag}: ${of} has no such flag${near === undefined ? '' : `, ${near}`}`, {
    hint: near === undefined ? `${of} --help lists them` : undefined,
  });
}

function flagBeforeCommand(flag: string, rest: readonly string[]): Error {
  const command = rest.find(isCommand);
  if (command !== undefined && flagsOf(COMMANDS[command].table, command).has(flag.slice(2))) {
    return problem('settings', `${flag}: stands before the command, takes a place behind ${command}`);
  }
  return unknownFlag(flag, 'exitproof', ['--help', '--version']);
}

function badValue(name: string, row: Row, got: string): Error {
  return problem('settings', `--${name}: got ${got}, takes ${row.type.takes}`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

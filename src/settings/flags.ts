import type { Command as Commander } from 'commander';
import { Option } from 'commander';
import { type Command, namesOf, type Row } from './row.ts';
import { TABLE } from './table.ts';
import { boolean } from './types/boolean.ts';
import type { Written, WrittenSettings } from './written.ts';

function takesFlag(row: Row, command: Command): boolean {
  return row.places.includes('flag') && (row.commands ?? ['check']).includes(command);
}

function helpOf(row: Row): string {
  const value = row.type === boolean ? null : (row.unset ?? (row.default === '' ? null : row.default));
  const sentence = row.sentence.replaceAll('`', '');
  return value === null ? sentence : `${sentence} [${value.replaceAll('`', '')}]`;
}

/** The flags of `command`, with their help, from the table. What they got is read by {@link writtenFlags}. */
export function addFlags(commander: Commander, command: Command): Commander {
  for (const name of namesOf(TABLE)) {
    const row: Row = TABLE[name];
    if (!takesFlag(row, command)) continue;
    const option =
      row.type === boolean
        ? new Option(`--${name}`, helpOf(row))
        : new Option(`--${name} <${valueName(row)}>`, helpOf(row)).argParser(collect);
    commander.addOption(row.group === undefined ? option : option.helpGroup(`${row.group}:`));
  }
  return commander;
}

/** What stands for the flag's value in the help: `<fail|warn>`. */
export function valueName(row: Row): string {
  return row.type.label.includes(' | ')
    ? row.type.label.replaceAll(' ', '')
    : row.type.label.replaceAll(' ', '-');
}

function collect(text: string, before: unknown): readonly string[] {
  return Array.isArray(before) ? [...before, text] : [text];
}

/** The flags that were given, still as texts. Of a flag that takes one value the last counts. */
export function writtenFlags(commander: Commander, command: Command): WrittenSettings {
  const written = new Map<string, Written>();
  for (const name of namesOf(TABLE)) {
    const row: Row = TABLE[name];
    const option = commander.options.find((candidate) => candidate.name() === name);
    if (option === undefined || !takesFlag(row, command)) continue;
    const value: unknown = commander.getOptionValue(option.attributeName());
    if (value === true) written.set(name, { place: 'flag', texts: ['true'] });
    if (!Array.isArray(value)) continue;
    const given = value.map(String);
    const texts = (row.type.repeatable ? given : given.slice(-1)).flatMap((text) => [
      ...row.type.split(text, 'flag'),
    ]);
    written.set(name, { place: 'flag', texts });
  }
  return written;
}

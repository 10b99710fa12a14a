import { type Command, namesOf, type Row, type Rows, rowOf } from './row.ts';
import { boolean } from './types/boolean.ts';
import type { Written, WrittenSettings } from './written.ts';

/** The rows of `table` that are flags of `command`, by name. */
export function flagsOf(table: Rows, command: Command): ReadonlyMap<string, Row> {
  const flags = namesOf(table).flatMap((name): [string, Row][] => {
    const row = rowOf(table, name);
    const taken = row?.places.includes('flag') && (row.commands ?? ['check']).includes(command);
    return row !== null && taken ? [[name, row]] : [];
  });
  return new Map(flags);
}

/** A switch stands alone; any other flag takes a value. */
export function isSwitch(row: Row): boolean {
  return row.type === boolean;
}

/** What stands for the flag's value in the help: `<fail|warn>`. */
export function valueName(row: Row): string {
  return row.type.label.includes(' | ')
    ? row.type.label.replaceAll(' ', '')
    : row.type.label.replaceAll(' ', '-');
}

/** The flags that were given, still as texts. Of a flag that takes one value the last counts. */
export function writtenFlags(
  flags: ReadonlyMap<string, Row>,
  given: ReadonlyMap<string, readonly string[]>,
): WrittenSettings {
  const written = new Map<string, Written>();
  for (const [name, values] of given) {
    const type = flags.get(name)?.type;
    if (type === undefined) continue;
    const texts = (type.repeatable ? values : values.slice(-1)).flatMap((text) => type.split(text, 'flag'));
    written.set(name, { place: 'flag', texts });
  }
  return written;
}

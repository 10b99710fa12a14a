import { problem } from '../problem.ts';
import { refusal } from './refusal.ts';
import { type NameOf, namesOf, type Place, type Row, type Rows, type ValuesOf } from './row.ts';
import type { Written, WrittenSettings } from './written.ts';

export type Source = Place | 'default';

export interface Resolved<Table extends Rows> {
  readonly values: ValuesOf<Table>;
  readonly sources: Readonly<Record<NameOf<Table>, Source>>;
  /** Each value as text, for the log. */
  readonly shown: Readonly<Record<NameOf<Table>, string>>;
}

export interface Folders {
  readonly cwd: string;
  /** Absolute. */
  readonly project: string;
}

interface Understood {
  readonly value: unknown;
  readonly source: Source;
  readonly shown: string;
}

function understand(name: string, row: Row, written: Written, folders: Folders): Understood {
  const { type } = row;
  const parsed = written.place === 'pyproject' ? type.fromToml(written.value) : type.fromTexts(written.texts);
  if (!parsed.ok) {
    const got = written.place === 'pyproject' ? written.value : written.texts.join(' ');
    throw refusal(name, written.place, got, type.takes, parsed);
  }
  const base = row.base ?? (written.place === 'pyproject' ? 'project' : 'cwd');
  const value = type.rebase?.(parsed.value, folders[base]) ?? parsed.value;
  return { value, source: written.place, shown: type.show(parsed.value) || 'none' };
}

function byDefault(name: string, row: Row, folders: Folders): Understood {
  if (row.default === null) {
    return { value: null, source: 'default', shown: (row.unset ?? 'none').replaceAll('`', '') };
  }
  const texts = row.type.split(row.default, 'flag');
  return { ...understand(name, row, { place: 'flag', texts }, folders), source: 'default' };
}

export function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

/**
 * Every setting of `table` from the first of `layers` that has it, or its default.
 *
 * @throws a `settings` problem on the first bad value, also where a stronger layer hides it: it would bite on another day.
 */
export function resolveSettings<Table extends Rows>(
  table: Table,
  layers: readonly WrittenSettings[],
  folders: Folders,
): Resolved<Table> {
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<NameOf<Table>, Source>> = {};
  const shown: Partial<Record<NameOf<Table>, string>> = {};
  const names = namesOf(table);
  for (const name of names) {
    const row: Row | undefined = table[name];
    if (row === undefined) continue;
    const [first] = layers
      .map((layer) => layer.get(name))
      .filter((written) => written !== undefined)
      .map((written) => understand(name, row, written, folders));
    const setting = first ?? byDefault(name, row, folders);
    values[camelCase(name)] = setting.value;
    sources[name] = setting.source;
    shown[name] = setting.shown;
  }
  if (!hasAll(names, sources) || !hasAll(names, shown) || !isValues(table, values)) {
    throw problem('internal', 'a setting has no value');
  }
  return { values, sources, shown };
}

function hasAll<Name extends string, T>(
  names: readonly Name[],
  record: Partial<Record<Name, T>>,
): record is Record<Name, T> {
  return names.every((name) => record[name] !== undefined);
}

/** The loop above gives each row's key the value of that row's own type, which the compiler can't follow. */
function isValues<Table extends Rows>(table: Table, values: object): values is ValuesOf<Table> {
  return namesOf(table).every((name) => camelCase(name) in values);
}

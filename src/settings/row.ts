import type { ValueType } from './types/valueType.ts';

/** Where a setting may be written. `pyproject` is the project's `[tool.exitproof]`. */
export type Place = 'flag' | 'input' | 'pyproject';

/** What the CLI can be told to do; a row says which of them take its flag. */
export type Command = 'check' | 'build' | 'run' | 'restore' | 'merge' | 'cache';

export interface Row {
  readonly type: ValueType<unknown>;
  /** The heading that it stands under, in the help and the reference. */
  readonly group?: string;
  /** As a user would write it; null where there is none, and the value then is null. */
  readonly default: string | null;
  /** What stands in for a default in the reference: "found". */
  readonly unset?: string;
  /** One sentence or two, Markdown. */
  readonly sentence: string;
  readonly places: readonly Place[];
  /** Which commands take the flag; `check` alone where this is absent. */
  readonly commands?: readonly Command[];
  /**
   * Where relative paths start: at the project, at the working directory, or, where this is absent, at the project if
   * it stands in pyproject.toml and at the working directory if not.
   */
  readonly base?: 'project' | 'cwd';
}

/** A table of settings, by name. */
export type Rows = Readonly<Record<string, Row>>;

export type NameOf<Table extends Rows> = keyof Table & string;

/** The names of a table, in its order. */
export function namesOf<Table extends Rows>(table: Table): readonly NameOf<Table>[] {
  return Object.keys(table);
}

/** A row by the interface that all have in common; null where the table has no such name. */
export function rowOf(table: Rows, name: string): Row | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

/** The names that may stand in `place`. */
export function namesIn<Table extends Rows>(table: Table, place: Place): readonly NameOf<Table>[] {
  return namesOf(table).filter((name) => rowOf(table, name)?.places.includes(place));
}

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

type ValueOf<R> = R extends { type: ValueType<infer T>; default: infer D }
  ? D extends null
    ? T | null
    : T
  : never;

/** One value a row: camelCase keys, durations in milliseconds, paths absolute, null where unset without a default. */
export type ValuesOf<Table extends Rows> = {
  readonly [K in NameOf<Table> as Camel<K>]: ValueOf<Table[K]>;
};

import { problem } from '../problem.ts';
import { refusal } from './refusal.ts';
import { type Place, rowOf, SETTING_NAMES, type SettingName, type Values } from './table.ts';
import type { Parsed, ValueType } from './types/valueType.ts';
import type { Written, WrittenSettings } from './written.ts';

export type Source = Place | 'default';

export interface Resolved {
  readonly values: Values;
  readonly sources: Readonly<Record<SettingName, Source>>;
  /** Each value as text, for the log. */
  readonly shown: Readonly<Record<SettingName, string>>;
}

export interface Folders {
  readonly cwd: string;
  /** Absolute. */
  readonly project: string;
}

function understand(type: ValueType<unknown>, written: Written): Parsed<unknown> {
  return written.place === 'pyproject' ? type.fromToml(written.value) : type.fromTexts(written.texts);
}

function resolveOne(name: SettingName, written: Written | undefined, folders: Folders): unknown {
  const row = rowOf(name);
  const rebase = (value: unknown, place: Place | 'default') => {
    const base = row.base ?? (place === 'pyproject' ? 'project' : 'cwd');
    return row.type.rebase?.(value, folders[base]) ?? value;
  };
  if (written !== undefined) {
    const parsed = understand(row.type, written);
    if (parsed.ok) return rebase(parsed.value, written.place);
    const got = written.place === 'pyproject' ? written.value : written.texts.join(' ');
    throw refusal(name, written.place, got, row.type.takes, parsed);
  }
  if (row.default === null) return null;
  const parsed = row.type.fromTexts(row.type.split(row.default, 'flag'));
  if (!parsed.ok) throw problem('internal', `the default of ${name} is no ${row.type.label}`);
  return rebase(parsed.value, 'default');
}

export function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

/** Every setting from the first of `layers` that has it, or its default. The first bad value throws. */
export function resolveSettings(layers: readonly WrittenSettings[], folders: Folders): Resolved {
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const shown: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    for (const layer of layers) {
      // A bad value is refused also where a stronger one hides it: it would bite on the next run.
      const written = layer.get(name);
      if (written !== undefined) resolveOne(name, written, folders);
    }
    const written = layers.map((layer) => layer.get(name)).find((found) => found !== undefined);
    const value = resolveOne(name, written, folders);
    values[camelCase(name)] = value;
    shown[name] = value === null ? (rowOf(name).unset ?? 'none') : rowOf(name).type.show(value) || 'none';
    sources[name] = written?.place ?? 'default';
  }
  if (!isComplete(values) || !isFull(sources) || !isFull(shown)) {
    throw problem('internal', 'a setting has no value');
  }
  return { values: Object.freeze(values), sources: Object.freeze(sources), shown: Object.freeze(shown) };
}

/** The loop above gives each row's key the value of that row's own type, which the compiler can't follow. */
function isComplete(values: Readonly<Record<string, unknown>>): values is Values & Record<string, unknown> {
  return SETTING_NAMES.every((name) => camelCase(name) in values);
}

function isFull<T>(record: Partial<Record<SettingName, T>>): record is Record<SettingName, T> {
  return SETTING_NAMES.every((name) => record[name] !== undefined);
}

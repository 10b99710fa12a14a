import type { SettingName } from './table.ts';

/** A value as somebody wrote it, not yet understood. */
export type Written =
  | { readonly place: 'flag' | 'input'; readonly texts: readonly string[] }
  | { readonly place: 'pyproject'; readonly value: unknown };

export type WrittenSettings = ReadonlyMap<SettingName, Written>;

/** A value as somebody wrote it, not yet understood. */
export type Written =
  | { readonly place: 'flag' | 'input'; readonly texts: readonly string[] }
  | { readonly place: 'pyproject'; readonly value: unknown };

/** By the setting's name. */
export type WrittenSettings = ReadonlyMap<string, Written>;

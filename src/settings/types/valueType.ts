/** Refused with `why` where the type's own `takes` would not say what is wrong. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** Ends the sentence "got “x”, takes …" in place of the type's own words. */
      readonly takes?: string;
      /** Which part of the value: `[1].run-timeout`. */
      readonly at?: string;
      /** That part as it was written, in place of the whole. */
      readonly got?: unknown;
      readonly hint?: string;
    };

/** How a kind of value is written in each place where a setting may stand. */
export interface ValueType<T> {
  /** One word for the reference and the help: `duration`. */
  readonly label: string;
  /** Ends the sentence "got “x”, takes …". */
  readonly takes: string;
  /** Several flags of the same name add up. */
  readonly repeatable: boolean;
  /** One action input or one flag's value holds several texts: `venv,zipapp`. */
  split(text: string, place: 'flag' | 'input'): readonly string[];
  fromTexts(texts: readonly string[]): Parsed<T>;
  fromToml(value: unknown): Parsed<T>;
  /** Relative paths in the value are taken from `folder`. */
  rebase?(value: T, folder: string): T;
  /** For the log, as a user would write it. */
  show(value: T): string;
  /** JSON Schema of the TOML form. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export const REFUSED = { ok: false } as const;

/** A type that is one text, the same in TOML as in a flag. */
export function scalar<T>(type: {
  readonly label: string;
  readonly takes: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly show: (value: T) => string;
  readonly rebase?: (value: T, folder: string) => T;
  readonly schema?: Readonly<Record<string, unknown>>;
}): ValueType<T> {
  return {
    label: type.label,
    takes: type.takes,
    repeatable: false,
    split: (text) => [text],
    fromTexts: (texts) => type.parse(texts.join('\n')),
    fromToml: (value) => (typeof value === 'string' ? type.parse(value) : REFUSED),
    ...(type.rebase === undefined ? {} : { rebase: type.rebase }),
    show: type.show,
    schema: type.schema ?? { type: 'string' },
  };
}

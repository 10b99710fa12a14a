import { accept, type Parsed, scalar, type ValueType } from './valueType.ts';

/** `auto, on, read or off` */
export function oneOf(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

function isOneOf<const T extends string>(values: readonly T[], text: string): text is T {
  return values.some((value) => value === text);
}

export function choice<const T extends string>(values: readonly T[]): ValueType<T> {
  return scalar<T>({
    label: values.join(' | '),
    takes: oneOf(values),
    parse: (text): Parsed<T> => (isOneOf(values, text) ? accept(text) : { ok: false }),
    show: (value) => value,
    schema: { enum: values },
  });
}

/** One or more of a few names, in the user's order, none twice. */
export function choices<const T extends string>(values: readonly T[]): ValueType<readonly T[]> {
  const parse = (texts: readonly unknown[]): Parsed<readonly T[]> => {
    const chosen: T[] = [];
    for (const text of texts) {
      if (typeof text !== 'string' || !isOneOf(values, text)) return { ok: false, got: text };
      if (chosen.includes(text)) return { ok: false, got: text, takes: 'each name once' };
      chosen.push(text);
    }
    return chosen.length > 0 ? accept(chosen) : { ok: false };
  };
  return {
    label: 'list',
    takes: `a list of ${oneOf(values)}`,
    repeatable: true,
    split: splitList,
    fromTexts: parse,
    fromToml: (value) => {
      if (typeof value === 'string') return parse(splitList(value));
      return Array.isArray(value) ? parse(value) : { ok: false };
    },
    show: (value) => value.join(', '),
    schema: {
      oneOf: [{ type: 'string' }, { type: 'array', items: { enum: values }, minItems: 1, uniqueItems: true }],
    },
  };
}

/** Names apart by commas, blanks or line ends. */
export function splitList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

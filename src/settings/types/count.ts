import { accept, type Parsed, type ValueType } from './valueType.ts';

/** A whole number from 1 to `most`. */
export function count(most: number): ValueType<number> {
  const parse = (value: unknown): Parsed<number> =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
      ? accept(value)
      : { ok: false };
  return {
    label: 'count',
    takes: `a whole number from 1 to ${most}`,
    repeatable: false,
    split: (text) => [text],
    fromTexts: (texts) => {
      const text = texts.join('\n');
      return /^\d{1,15}$/.test(text) ? parse(Number(text)) : { ok: false };
    },
    fromToml: parse,
    show: String,
    schema: { type: 'integer', minimum: 1, maximum: most },
  };
}

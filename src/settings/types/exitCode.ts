import { accept, REFUSED, type ValueType } from './valueType.ts';

function parse(value: unknown) {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
    ? accept(value)
    : REFUSED;
}

export const exitCode: ValueType<number> = {
  label: 'exit code',
  takes: 'a whole number from 0 to 255',
  repeatable: false,
  split: (text) => [text],
  fromTexts: (texts) => {
    const text = texts.join('\n');
    return /^\d{1,3}$/.test(text) ? parse(Number(text)) : REFUSED;
  },
  fromToml: parse,
  show: String,
  schema: { type: 'integer', minimum: 0, maximum: 255 },
};

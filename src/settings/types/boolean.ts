import { accept, REFUSED, type ValueType } from './valueType.ts';

/** The spellings of YAML 1.2's core schema, as `getBooleanInput` of the actions toolkit takes them. */
const TRUE = ['true', 'True', 'TRUE'];
const FALSE = ['false', 'False', 'FALSE'];

function parseBoolean(text: string) {
  if (TRUE.includes(text)) return accept(true);
  return FALSE.includes(text) ? accept(false) : REFUSED;
}

export const boolean: ValueType<boolean> = {
  label: 'boolean',
  takes: 'true or false',
  repeatable: false,
  split: (text) => [text],
  fromTexts: (texts) => parseBoolean(texts.join('\n')),
  fromToml: (value) => (typeof value === 'boolean' ? accept(value) : REFUSED),
  show: String,
  schema: { type: 'boolean' },
};

import { accept, REFUSED, type ValueType } from './valueType.ts';

export type Environment = Readonly<Record<string, string>>;

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Variables that are added to the program's environment. */
export const environment: ValueType<Environment> = {
  label: 'table',
  takes: 'a table of texts such as { TZ = "UTC" }',
  repeatable: false,
  split: (text) => [text],
  fromTexts: (texts) => (texts.every((text) => text === '') ? accept({}) : REFUSED),
  fromToml: (value) => {
    if (!isTable(value)) return REFUSED;
    const variables: Record<string, string> = {};
    for (const [name, content] of Object.entries(value)) {
      if (!/^[^=\0]+$/.test(name)) return { ok: false, got: name, takes: 'names of variables' };
      if (typeof content !== 'string' || content.includes('\0')) {
        return { ok: false, at: `.${name}`, got: content, takes: 'a text in quotes' };
      }
      variables[name] = content;
    }
    return accept(variables);
  },
  // Values may be secrets; names say enough.
  show: (value) => Object.keys(value).join(', '),
  schema: { type: 'object', additionalProperties: { type: 'string' } },
};

import { toJsonSchema } from '@valibot/to-json-schema';
import { reportSchema, SCHEMA_ID } from '../../src/report/schema.ts';
import { namesIn, type Row } from '../../src/settings/row.ts';
import { TABLE } from '../../src/settings/table.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** JSON Schema of `[tool.exitproof]`. */
export function settingsSchema(): string {
  const properties = namesIn(TABLE, 'pyproject').map((name) => {
    const row: Row = TABLE[name];
    return [name, { description: row.sentence, ...row.type.schema }] as const;
  });
  return json({
    $schema: DRAFT,
    title: '[tool.exitproof]',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  });
}

/** JSON Schema of the report. */
export function reportJsonSchema(): string {
  const { $schema: _draft, ...schema } = toJsonSchema(reportSchema, { target: 'draft-2020-12' });
  return json({ $schema: DRAFT, title: SCHEMA_ID, ...schema });
}

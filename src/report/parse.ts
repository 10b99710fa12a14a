import * as v from 'valibot';
import { problem } from '../problem.ts';
import type { Report } from './model.ts';
import { reportSchema, SCHEMA_ID } from './schema.ts';

/**
 * Reads a report that another run, perhaps of another version, has written.
 * @param origin how to name it in an error: the file's path
 * @throws a `settings` problem of one sentence, where it isn't a whole report of this schema
 */
export function parseReport(text: string, origin: string): Report {
  if (text.trim() === '') throw problem('settings', `${origin}: the report is empty.`);
  const data = parseJson(text, origin);
  const schema = schemaOf(data);
  if (schema === null)
    throw problem('settings', `${origin}: this is no exitproof report (it has no "schema").`);
  if (schema !== SCHEMA_ID) {
    throw problem(
      'settings',
      `${origin}: its schema is ${JSON.stringify(schema)}, this version reads "${SCHEMA_ID}".`,
      {
        hint: 'Write and read reports with the same version of exitproof.',
      },
    );
  }
  const parsed = v.safeParse(reportSchema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'the report';
  throw problem(
    'settings',
    `${origin}: ${where} should be ${issue.expected ?? 'valid'}, but is ${issue.received}.`,
  );
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const begins = text.trimStart().startsWith('{');
    const message = begins ? 'the report is cut off or damaged (not valid JSON).' : 'this is no JSON.';
    throw problem('settings', `${origin}: ${message}`, { cause });
  }
}

function schemaOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('schema' in data)) return null;
  return typeof data.schema === 'string' ? data.schema : JSON.stringify(data.schema);
}

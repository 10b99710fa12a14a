import { type Problem, problem } from '../problem.ts';
import type { Place } from './row.ts';
import type { Parsed } from './types/valueType.ts';

/** Where a setting stands, as the user would look for it. */
export function placed(name: string, place: Place): string {
  if (place === 'flag') return `--${name}`;
  return place === 'input' ? `input ${name}` : `pyproject.toml: tool.exitproof.${name}`;
}

const SHOWN = 80;

/** A value as it was written, in the quotes of a sentence, on one line and bounded. */
export function quoted(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object') return 'a table';
  const line = String(value).replaceAll(/\p{Cc}+/gu, ' ');
  return `“${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}”`;
}

/** The one sentence on a bad value: which setting, what it got, what it takes. */
export function refusal(
  name: string,
  place: Place,
  got: unknown,
  takes: string,
  parsed: Extract<Parsed<unknown>, { ok: false }>,
): Problem {
  const part = 'got' in parsed ? parsed.got : got;
  return problem(
    'settings',
    `${placed(name, place)}${parsed.at ?? ''}: got ${quoted(part)}, takes ${parsed.takes ?? takes}`,
    { hint: parsed.hint },
  );
}

import { resolve } from 'node:path';
import type { Stdin } from '../../watch/request.ts';
import { didYouMean } from '../nearest.ts';
import { duration } from './duration.ts';
import { type Environment, environment } from './environment.ts';
import { exitCode } from './exitCode.ts';
import { regex } from './regex.ts';
import { stdin } from './stdin.ts';
import { path, splitLines, text } from './text.ts';
import { accept, type Parsed, type ValueType } from './valueType.ts';
import { joinWords, splitWords, words } from './words.ts';

/** One smoke run as it is written; what is null is taken from the settings of the whole. */
export interface SmokeEntry {
  readonly name: string | null;
  readonly args: readonly string[];
  readonly exitCode: number | null;
  readonly stdin: Stdin | null;
  readonly env: Environment;
  /** Null: an empty folder of its own. */
  readonly cwd: string | null;
  readonly runTimeout: number | null;
  readonly expectOutput: RegExp | null;
}

interface Field {
  readonly type: ValueType<unknown>;
  readonly sentence: string;
}

/** The keys of a `[[tool.exitproof.smoke]]` table. */
export const SMOKE_FIELDS = {
  name: { type: text('text', 'a name'), sentence: 'What the run is called in the report.' },
  args: { type: words, sentence: 'The arguments.' },
  'exit-code': { type: exitCode, sentence: 'The exit code that is right.' },
  stdin: { type: stdin, sentence: 'What the program reads.' },
  env: { type: environment, sentence: 'Variables for this run, over those of the whole.' },
  cwd: { type: path, sentence: 'The working directory, from the project; without it an empty folder.' },
  'run-timeout': { type: duration, sentence: "This run's own `run-timeout`." },
  'expect-output': { type: regex, sentence: 'What stdout must match; see `expect-output`.' },
} as const satisfies Readonly<Record<string, Field>>;

function entryOf(args: readonly string[]): SmokeEntry {
  const unset = { name: null, exitCode: null, stdin: null, cwd: null, runTimeout: null, expectOutput: null };
  return { ...unset, args, env: {} };
}

function parseLines(lines: readonly string[]): Parsed<readonly SmokeEntry[]> {
  const entries: SmokeEntry[] = [];
  for (const line of lines) {
    const args = splitWords(line);
    if (args === null) return { ok: false, got: line };
    entries.push(entryOf(args));
  }
  return entries.length > 0 ? accept(entries) : { ok: false, takes: 'at least one line of arguments' };
}

type Fields = { [K in keyof typeof SMOKE_FIELDS]?: unknown };

/** The first key that is not right, or null. */
function faultIn(table: Readonly<Record<string, unknown>>): Extract<Parsed<never>, { ok: false }> | null {
  for (const [key, value] of Object.entries(table)) {
    const field: Field | undefined = Object.entries(SMOKE_FIELDS).find(([name]) => name === key)?.[1];
    if (field === undefined) {
      const known = Object.keys(SMOKE_FIELDS);
      const near = didYouMean(key, known);
      const takes = `the keys ${known.join(', ')}`;
      return { ok: false, got: key, takes: near === undefined ? takes : `${takes}; ${near}` };
    }
    const parsed = field.type.fromToml(value);
    if (!parsed.ok) {
      return { takes: field.type.takes, got: value, ...parsed, at: `.${key}${parsed.at ?? ''}` };
    }
  }
  return null;
}

function readField<T>(type: ValueType<T>, value: unknown): T | null {
  if (value === undefined) return null;
  const parsed = type.fromToml(value);
  return parsed.ok ? parsed.value : null;
}

function parseTable(table: Fields & Readonly<Record<string, unknown>>): Parsed<SmokeEntry> {
  const fault = faultIn(table);
  if (fault !== null) return fault;
  return accept({
    name: readField(SMOKE_FIELDS.name.type, table.name),
    args: readField(words, table.args) ?? [],
    exitCode: readField(exitCode, table['exit-code']),
    stdin: readField(stdin, table.stdin),
    env: readField(environment, table.env) ?? {},
    cwd: readField(path, table.cwd),
    runTimeout: readField(duration, table['run-timeout']),
    expectOutput: readField(regex, table['expect-output']),
  });
}

function parseItem(item: unknown): Parsed<SmokeEntry> {
  if (typeof item === 'string') {
    const args = splitWords(item);
    return args === null ? { ok: false } : accept(entryOf(args));
  }
  const isTable =
    typeof item === 'object' && item !== null && !Array.isArray(item) && !(item instanceof Date);
  return isTable ? parseTable({ ...item }) : { ok: false, takes: 'a text of arguments or a table' };
}

export const smoke: ValueType<readonly SmokeEntry[]> = {
  label: 'arguments',
  takes: 'arguments as a shell splits them, with every quote closed',
  repeatable: true,
  // A flag is one run, also where a quoted argument holds a line end.
  split: (written, place) => (place === 'flag' ? [written] : splitLines(written)),
  fromTexts: parseLines,
  fromToml: (value) => {
    if (typeof value === 'string') return parseLines(splitLines(value));
    if (!Array.isArray(value)) return { ok: false, takes: 'a list of texts or of tables' };
    const entries: SmokeEntry[] = [];
    for (const [index, item] of value.entries()) {
      const parsed = parseItem(item);
      if (!parsed.ok) return { got: item, ...parsed, at: `[${index + 1}]${parsed.at ?? ''}` };
      entries.push(parsed.value);
    }
    return entries.length > 0 ? accept(entries) : { ok: false, takes: 'at least one run' };
  },
  rebase: (value, folder) =>
    value.map((entry) => ({
      ...entry,
      cwd: entry.cwd === null ? null : resolve(folder, entry.cwd),
      stdin: entry.stdin === null ? null : (stdin.rebase?.(entry.stdin, folder) ?? entry.stdin),
    })),
  show: (value) => value.map((entry) => joinWords(entry.args) || 'no arguments').join('; '),
  schema: {
    oneOf: [
      { type: 'string' },
      {
        type: 'array',
        minItems: 1,
        items: {
          oneOf: [
            { type: 'string' },
            {
              type: 'object',
              additionalProperties: false,
              properties: Object.fromEntries(
                Object.entries(SMOKE_FIELDS).map(([key, field]) => [
                  key,
                  { description: field.sentence, ...field.type.schema },
                ]),
              ),
            },
          ],
        },
      },
    ],
  },
};

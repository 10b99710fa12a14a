import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, problem } from '../problem.ts';
import { didYouMean } from './nearest.ts';
import { namesIn } from './row.ts';
import { TABLE } from './table.ts';
import type { Written, WrittenSettings } from './written.ts';

const PREFIX = 'pyproject.toml: tool.exitproof';

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The text of the folder's pyproject.toml, or null where there is none. */
export function readPyproject(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'pyproject.toml'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('settings', `pyproject.toml: can't be read (${reason})`, { cause: error });
  }
}

async function parseToml(text: string): Promise<unknown> {
  // Only where there is one to read: it is a quarter of what a start loads.
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw problem('settings', `pyproject.toml: is no TOML, line ${error.line}: ${reason}`, { cause: error });
  }
}

/** What stands in `[tool.exitproof]`, each key known and allowed there. */
export async function writtenInPyproject(text: string): Promise<WrittenSettings> {
  const document = await parseToml(text);
  const tool = isTable(document) ? document['tool'] : undefined;
  const section = isTable(tool) ? tool['exitproof'] : undefined;
  const written = new Map<string, Written>();
  if (section === undefined) return written;
  if (!isTable(section)) throw problem('settings', `${PREFIX}: takes a table`);
  const allowed: readonly string[] = namesIn(TABLE, 'pyproject');
  for (const [key, value] of Object.entries(section)) {
    if (!allowed.includes(key)) throw refuseKey(key, allowed);
    written.set(key, { place: 'pyproject', value });
  }
  return written;
}

function refuseKey(key: string, allowed: readonly string[]): Problem {
  if (Object.hasOwn(TABLE, key)) {
    const flag = key === 'project' ? 'check DIR' : `--${key}`;
    return problem('settings', `${PREFIX}.${key}: can't stand here, only on the command line (${flag})`);
  }
  const near = didYouMean(key, allowed);
  return problem('settings', `${PREFIX}.${key}: no such setting${near === undefined ? '' : `, ${near}`}`, {
    hint: near === undefined ? `the settings are ${allowed.join(', ')}` : undefined,
  });
}

/**
 * Makes what is drawn from the settings' table and the report's schema. `--check` changes nothing and fails where a file
 * is not as it would be made.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { causeDocs } from '../src/diagnose/causeDocs.ts';
import { MERGE_TABLE } from '../src/settings/mergeTable.ts';
import { OUTPUTS } from '../src/settings/outputs.ts';
import { RESTORE_TABLE } from '../src/settings/restoreTable.ts';
import { TABLE } from '../src/settings/table.ts';
import { actionYaml } from './generate/actionYaml.ts';
import { readmeReference, settingsPage } from './generate/markdown.ts';
import { reportJsonSchema, settingsSchema } from './generate/schemas.ts';

const ROOT = join(import.meta.dirname, '..');

/** Each file by its path, made from what it is now ('' where it isn't there). */
const MADE: Readonly<Record<string, (current: string, file: string) => string>> = {
  'action.yml': (current, file) => actionYaml(file, current, TABLE, OUTPUTS),
  'restore/action.yml': (current, file) => actionYaml(file, current, RESTORE_TABLE, null),
  'merge/action.yml': (current, file) => actionYaml(file, current, MERGE_TABLE, null),
  'README.md': (current, file) => readmeReference(file, current),
  'docs/settings.md': settingsPage,
  'docs/causes.md': causeDocs,
  'schema/settings.schema.json': settingsSchema,
  'schema/report.schema.json': reportJsonSchema,
};

function read(file: string): string {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return '';
  }
}

/** The files that are not as they would be made, with what they should be. */
export function staleFiles(): ReadonlyMap<string, string> {
  const stale = new Map<string, string>();
  for (const [file, make] of Object.entries(MADE)) {
    const current = read(file);
    const made = make(current, file);
    if (made !== current) stale.set(file, made);
  }
  return stale;
}

function main(check: boolean): void {
  const stale = staleFiles();
  for (const [file, text] of stale) {
    console.log(`${check ? 'stale' : 'written'}: ${file}`);
    if (check) continue;
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  if (check && stale.size > 0) {
    console.error('Run npm run generate, and commit what it writes.');
    process.exitCode = 1;
  }
}

if (import.meta.main) main(process.argv.includes('--check'));

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export function inRepository(...parts: readonly string[]): string {
  return join(REPOSITORY, ...parts);
}

export function fixture(...parts: readonly string[]): string {
  return inRepository('test', 'fixtures', ...parts);
}

export function example(name: string): string {
  return inRepository('examples', name);
}

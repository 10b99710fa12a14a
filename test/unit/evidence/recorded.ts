import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const VERSIONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13'] as const;
/** The pid that the recordings were made of. */
export const PID = 1000;

export function isRecorded(file: string): boolean {
  return existsSync(join(import.meta.dirname, 'recorded', file));
}

/** What a real tool printed of a real process; only paths and the main pid were replaced. */
export function recorded(file: string): string {
  return readFileSync(join(import.meta.dirname, 'recorded', file), 'utf8');
}

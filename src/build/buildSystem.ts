import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readToml } from './pyproject.ts';

/** What a project is built with, by its `[build-system]`. */
export interface BuildSystem {
  /** As the project names them, sorted. */
  readonly requires: readonly string[];
  readonly backend: string;
  readonly backendPath: readonly string[];
}

/** What pip takes where a project says nothing. */
const SETUPTOOLS = { requires: ['setuptools>=40.8.0'], backend: 'setuptools.build_meta:__legacy__' } as const;

/** Null for a table of another form, which is pip's to refuse. */
export function buildSystem(folder: string): BuildSystem | null {
  const path = join(folder, 'pyproject.toml');
  if (!existsSync(path)) return { ...SETUPTOOLS, backendPath: [] };
  const table = readToml(path)['build-system'];
  if (table === undefined) return { ...SETUPTOOLS, backendPath: [] };
  const value = (name: string): unknown =>
    typeof table === 'object' && table !== null ? Reflect.get(table, name) : undefined;
  const requires = strings(value('requires'));
  const backendPath = strings(value('backend-path') ?? []);
  const backend = value('build-backend') ?? SETUPTOOLS.backend;
  if (requires === null || backendPath === null || typeof backend !== 'string') return null;
  return { requires: requires.toSorted(), backend, backendPath };
}

function strings(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
}

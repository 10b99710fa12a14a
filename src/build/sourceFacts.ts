import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { normaliseName } from '../packageIndex/wheelName.ts';
import { isLeftover } from './cleanCopy.ts';
import type { SourceFacts } from './entry.ts';
import type { ProjectMetadata } from './pyproject.ts';

/** What can be seen in the folder: files, modules in the two usual layouts, packages with a `__main__`. */
export function sourceFacts(folder: string, metadata: ProjectMetadata | null, alone: boolean): SourceFacts {
  const roots = [join(folder, 'src'), folder].filter((path) => existsSync(path));
  return {
    name: metadata?.name ?? null,
    scripts: metadata === null ? [] : metadata.scripts,
    mains: roots.flatMap((root) => mainsIn(root, metadata?.name ?? null)),
    hasFile: (path) => insideFile(folder, path) !== null,
    hasModule: (name) => roots.some((root) => isModule(join(root, ...name.split('.')))),
    mayHaveModule: (name) => holdsStem(folder, name.split('.')[0] ?? name),
    alone,
  };
}

/** For what is built from the index alone. */
export const NO_SOURCES: SourceFacts = {
  name: null,
  scripts: null,
  mains: [],
  hasFile: () => false,
  hasModule: () => false,
  mayHaveModule: () => false,
  alone: false,
};

/** The path relative to the folder; null for what isn't a file in it. */
export function insideFile(folder: string, path: string): string | null {
  const full = resolve(folder, path);
  const inside = relative(folder, full);
  if (inside.startsWith('..') || isAbsolute(inside)) return null;
  return existsSync(full) && statSync(full).isFile() ? inside : null;
}

/** The top-level files that could be an entry, those of the usual names first. */
export function scriptsIn(folder: string): string[] {
  const usual = (name: string): number => (/^(main|app|cli|run)\.py$/.test(name) ? 0 : 1);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[A-Za-z]\w*\.py$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !/^(conftest|test_.*|.*_test)\.py$/.test(name))
    .sort((a, b) => usual(a) - usual(b) || (a < b ? -1 : 1));
}

function isModule(path: string): boolean {
  return existsSync(`${path}.py`) || existsSync(join(path, '__main__.py'));
}

/** A file or folder of that name, whatever its suffix, at any depth: `lib/tool`, `tool.pyx`. */
function holdsStem(folder: string, stem: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) =>
      entry.name.split('.')[0] === stem ||
      (entry.isDirectory() && !isLeftover(entry.name) && holdsStem(join(folder, entry.name), stem)),
  );
}

function mainsIn(root: string, name: string | null): string[] {
  const like = (candidate: string): number => (normaliseName(candidate) === name ? 0 : 1);
  return readdirSync(root)
    .filter((entry) => /^[A-Za-z_]\w*$/.test(entry) && !['tests', 'test', 'docs', 'build'].includes(entry))
    .filter(
      (entry) => existsSync(join(root, entry, '__init__.py')) && existsSync(join(root, entry, '__main__.py')),
    )
    .sort((a, b) => like(a) - like(b));
}

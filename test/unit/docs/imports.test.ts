import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const source = resolve(import.meta.dirname, '..', '..', '..', 'src');
const IMPORT = /\bfrom '(\.[^']+\.ts)'|\bimport\('(\.[^']+\.ts)'\)|^import '(\.[^']+\.ts)'/gm;

const imports = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const file = join(source, name);
      const named = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
      return [file, named.map((path) => resolve(dirname(file), path))];
    }),
);

/** The first way from a file back to itself, type imports included; null where there is none. */
function circle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): readonly string[] | null => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...above, file]);
      if (found !== null) return found;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found !== null) return found;
  }
  return null;
}

test('no file of src/ imports itself by way of others', () => {
  expect(imports.size).toBeGreaterThan(100);
  expect(circle(imports)?.map((file) => relative(source, file)) ?? null).toBeNull();
});

test('a circle would be found', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(circle(graph)).toEqual(['b', 'd', 'b']);
});

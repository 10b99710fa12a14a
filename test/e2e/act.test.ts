import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActRepository, type ActResult, actRepository } from '../support/act.ts';

const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';

/** Each step hands its outputs over as a file: act shows none in its log. */
const handOver = (step: string, file: string): string => `
      - if: always()
        env:
          OUTPUTS: \${{ toJSON(steps.${step}.outputs) }}
          OUTCOME: \${{ steps.${step}.outcome }}
        run: printf '{"outcome":"%s","outputs":%s}' "$OUTCOME" "$OUTPUTS" > "$EXCHANGE/${file}.json"`;

const GREETER = `
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    outputs:
      key: \${{ steps.exitproof.outputs.cache-key }}
    steps:
      - uses: ${CHECKOUT}
      - id: exitproof
        uses: ./
        with:
          project: examples/greeter
          smoke: Ada
          cache: 'on'${handOver('exitproof', 'check')}
  restore:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - uses: ${CHECKOUT}
      - id: restore
        uses: ./restore
        with:
          key: \${{ needs.check.outputs.key }}
          path: taken/here
          add-to-path: true${handOver('restore', 'restore')}
      - run: greeter Ada > "$EXCHANGE/greeting.txt"
`;

/** Another workflow than the one that checked, which knows the key and nothing else. */
const DEPLOY = `
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: ${CHECKOUT}
      - id: restore
        uses: ./restore
        with:
          key: \${{ env.KEY }}
          path: app${handOver('restore', 'deploy')}
      - env:
          EXECUTABLE: \${{ steps.restore.outputs.executable }}
        run: |
          pwd > "$EXCHANGE/deployed-in.txt"
          "$EXECUTABLE" Ada > "$EXCHANGE/deployed.txt"
  missing:
    runs-on: ubuntu-latest
    steps:
      - uses: ${CHECKOUT}
      - id: restore
        uses: ./restore
        with:
          key: \${{ env.KEY }}x
          path: app
          on-miss: continue${handOver('restore', 'missing')}
`;

const UPLOADER = `
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: ${CHECKOUT}
      - id: exitproof
        uses: ./
        with:
          project: examples/uploader
          cache: 'off'${handOver('exitproof', 'uploader')}
`;

interface Handed {
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, string>>;
}

let repository: ActRepository;
beforeAll(() => {
  const workflows = {
    'workflows/greeter.yml': GREETER,
    'workflows/deploy.yml': DEPLOY,
    'workflows/uploader.yml': UPLOADER,
  };
  repository = actRepository(workflows, ['examples']);
});
afterAll(() => repository.remove());

const handed = (file: string): Handed =>
  JSON.parse(readFileSync(join(repository.exchange, `${file}.json`), 'utf8'));

describe('the greeter', () => {
  let first: { readonly result: ActResult; readonly check: Handed; readonly restore: Handed };
  let second: typeof first;
  beforeAll(async () => {
    const run = async (): Promise<typeof first> => {
      const result = await repository.run('workflows/greeter.yml');
      expect(result, result.log).toMatchObject({ exitCode: 0 });
      return { result, check: handed('check'), restore: handed('restore') };
    };
    first = await run();
    second = await run();
  });

  test('the first run builds, passes and saves', () => {
    expect(first.check.outputs).toMatchObject({ verdict: 'passed', layout: 'venv', 'cache-result': 'miss' });
    expect(first.check.outputs['cache-key']).not.toBe('');
  });

  test('the second run takes the layout from the cache, and checks it again', () => {
    expect(second.check.outputs).toMatchObject({
      verdict: 'passed',
      'cache-result': 'hit',
      'cache-key': first.check.outputs['cache-key'],
      sha256: first.check.outputs['sha256'],
      runs: '1',
    });
  });

  test('a later job takes the layout by its key and runs it from PATH', () => {
    expect(first.restore.outputs).toMatchObject({ result: 'hit', verdict: 'passed' });
    expect(first.restore.outputs['executable']).toMatch(/taken\/here\/.*greeter$/);
    expect(readFileSync(join(repository.exchange, 'greeting.txt'), 'utf8')).toContain('Ada');
  });

  test('so does a job of another workflow, in a workspace that lies deeper, and no other key does', async () => {
    const key = first.check.outputs['cache-key'] ?? '';
    const result = await repository.run('workflows/deploy.yml', {
      env: { KEY: key },
      deeper: 'a/much/deeper/place',
    });
    expect(result, result.log).toMatchObject({ exitCode: 0 });
    const read = (file: string): string => readFileSync(join(repository.exchange, file), 'utf8');
    expect(read('deployed-in.txt')).toContain('/a/much/deeper/place/');
    expect(handed('deploy')).toMatchObject({
      outcome: 'success',
      outputs: { result: 'hit', verdict: 'passed', commit: first.restore.outputs['commit'] },
    });
    expect(read('deployed.txt')).toContain('Ada');
    expect(handed('missing')).toMatchObject({ outcome: 'success', outputs: { result: 'miss' } });
  });

  test('a passed run has a summary and no annotation', () => {
    expect(first.result.annotations).toEqual([]);
    expect(first.result.summaries['check']).toContain('passed');
  });

  test('the post step runs, and ends well', () => {
    expect(first.result.steps).toContainEqual({ job: 'check', name: './', stage: 'Post', result: 'success' });
  });
});

describe('the uploader', () => {
  let result: ActResult;
  beforeAll(async () => {
    result = await repository.run('workflows/uploader.yml');
  });

  test('fails the job, as stalled in threading-shutdown', () => {
    expect(result.exitCode, result.log).toBe(1);
    expect(handed('uploader')).toMatchObject({
      outcome: 'failure',
      outputs: { verdict: 'stalled', phase: 'threading-shutdown', stalls: '1' },
    });
  });

  test('is annotated once, at the worker’s line in the checkout', () => {
    expect(result.annotations).toHaveLength(1);
    const [annotation] = result.annotations;
    expect(annotation).toMatchObject({
      level: 'error',
      properties: {
        file: 'examples/uploader/src/uploader/transfer.py',
        title: expect.stringContaining('stalled'),
      },
    });
    const path = join(repository.folder, annotation?.properties['file'] ?? '');
    const line = readFileSync(path, 'utf8').split('\n')[Number(annotation?.properties['line']) - 1];
    expect(line).toContain('self.pending.get()');
  });

  test('has the stall in the summary, and the stacks in the log', () => {
    expect(result.summaries['check']).toContain('threading-shutdown');
    expect(result.summaries['check']).toContain('drain');
    expect(result.log).toContain('drain');
  });

  test('is swept after, and nothing of it is left', () => {
    expect(result.steps).toContainEqual({ job: 'check', name: './', stage: 'Post', result: 'success' });
    expect(existsSync(join(repository.exchange, 'uploader.json'))).toBe(true);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActRepository, type ActResult, actRepository } from '../support/act.ts';
import { intermittent } from '../support/intermittent.ts';
import { inRepository } from '../support/paths.ts';
import { anyPython, onPath } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';

const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';

/** The very job of soak.yml, as if it was called with these inputs. */
function plan(): string {
  const text = readFileSync(inRepository('.github', 'workflows', 'soak.yml'), 'utf8');
  const [job = 'no plan'] = /^ {2}plan:\n[\s\S]*?\n(?=\n {2}\w)/m.exec(text) ?? [];
  const inputs = { name: 'soak', shards: '3', pythons: "'>=3.9'", images: 'ubuntu-latest' };
  return Object.entries(inputs)
    .reduce((so, [name, value]) => so.replace(`\${{ inputs.${name} }}`, value), job)
    .replace('ubuntu-24.04', 'ubuntu-latest');
}

/** As soak.yml, but the reports pass by a folder of this machine: act has no artifacts across its jobs. */
const WORKFLOW = `
on: push
jobs:
${plan()}
  shard:
    needs: plan
    runs-on: \${{ matrix.image }}
    strategy:
      fail-fast: false
      matrix:
        include: \${{ fromJSON(needs.plan.outputs.jobs) }}
    steps:
      - uses: ${CHECKOUT}
      - run: chmod +x intermittent.py
      - id: exitproof
        continue-on-error: true
        uses: ./
        env:
          CHANCE: \${{ matrix.shard == 2 && '100' || '0' }}
        with:
          executable: ./intermittent.py
          smoke: '""'
          soak: '12'
          shard: \${{ matrix.shard }}/3
          teardown-timeout: 1s
      - env:
          REPORT: \${{ steps.exitproof.outputs.report }}
          SLUG: \${{ matrix.slug }}
        run: cp "$REPORT" "$EXCHANGE/report-$SLUG.json"
  merge:
    needs: [plan, shard]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - uses: ${CHECKOUT}
      - run: |
          mkdir reports
          cp "$EXCHANGE"/report-*.json reports
      - id: merge
        continue-on-error: true
        uses: ./merge
        with:
          reports: reports
          expect: \${{ needs.plan.outputs.reports }}
      - env:
          OUTPUTS: \${{ toJSON(steps.merge.outputs) }}
        run: printf '%s' "$OUTPUTS" > "$EXCHANGE/outputs.json"
`;

let repository: ActRepository | null = null;
let result: ActResult | null = null;

beforeAll(async () => {
  const python = anyPython();
  if (python === null || !onPath('jq')) return;
  const folder = temporaryFolder('act-soak');
  const program = readFileSync(intermittent(folder, python), 'utf8');
  repository = actRepository({ 'workflows/soak.yml': WORKFLOW, 'intermittent.py': program }, []);
  result = await repository.run('workflows/soak.yml');
});
afterAll(() => repository?.remove());

describe('three shards and a merge', () => {
  test('have one verdict', (context) => {
    const { exchange } = need(context, 'a Python, or jq', repository);
    const outputs: unknown = JSON.parse(readFileSync(join(exchange, 'outputs.json'), 'utf8'));
    expect(outputs, result?.log).toMatchObject({ verdict: 'stalled', runs: '12', stalls: '4' });
  });

  test('have one summary, with each shard in it, and the stall annotated by the merge', (context) => {
    const { summaries, annotations } = need(context, 'a Python, or jq', result);
    const summary = summaries['merge'] ?? '';
    for (const shard of [1, 2, 3])
      expect(summary).toContain(`<code>reports/report-${shard}-ubuntu-latest-&#95;3.9-${shard}.json</code>`);
    expect(annotations.filter(({ job }) => job === 'merge')).toMatchObject([
      { level: 'error', properties: { file: 'intermittent.py' } },
    ]);
  });
});

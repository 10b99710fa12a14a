import { parseArgs } from 'node:util';
import { checkLedger } from '../test/support/ledger.ts';
import { python } from '../test/support/pythons.ts';

/** `npm run origin`: the stall that this project began with, in both layouts, with how often it came. */
const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.9' },
    times: { type: 'string', default: '20' },
    'zipapp-times': { type: 'string', default: '3' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const path = python(values.python);
  if (path === null) {
    console.log(`skipped: Python ${values.python} is not on this machine`);
    return 0;
  }
  const zipapp = await stalls(path, 'zipapp', Number(values['zipapp-times']));
  const venv = await stalls(path, 'venv', Number(values.times));
  return zipapp !== null && zipapp > 0 && venv === 0 ? 0 : 1;
}

/** How many of the runs stalled; null where the check made no report. */
async function stalls(path: string, layout: 'zipapp' | 'venv', times: number): Promise<number | null> {
  const { report, output } = await checkLedger(path, layout, times);
  if (report === null) {
    console.log(`${layout}: no report\n${output}`);
    return null;
  }
  const runs = report.runs.filter((run) => run.layout === layout);
  const stalled = runs.filter((run) => run.verdict === 'stalled');
  const places = stalled.map(({ phase, diagnosis }) => {
    const guilty = diagnosis?.guilty;
    return `${phase}, ${guilty?.function ?? 'nobody'} in ${guilty?.file ?? 'no file'}, ${diagnosis?.cause}`;
  });
  console.log(`${layout}: stalled ${stalled.length} of ${runs.length}`);
  for (const place of new Set(places)) console.log(`  ${place}`);
  return stalled.length;
}

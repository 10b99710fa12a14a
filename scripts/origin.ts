import { parseArgs } from 'node:util';
import type { Report } from '../src/report/model.ts';
import { checkLedger, type LedgerRun } from '../test/support/ledger.ts';
import { python } from '../test/support/pythons.ts';
import { checkInDebian, missingForDebian } from './origin/debian.ts';

const USAGE = `npm run origin -- [--times 5] [--python 3.9] [--only here|debian]
The stall that this project began with, in both layouts: on a Python of this machine, and on Debian 11's own in a root
of its own, which is made once (a few minutes, 270 MB).`;

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.9' },
    times: { type: 'string', default: '5' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await main(Number(values.times));

async function main(times: number): Promise<number> {
  const answers = [
    values.only === 'debian' ? 'left out' : await here(times),
    values.only === 'here' ? 'left out' : await debian(times),
  ];
  return answers.includes('wrong') ? 1 : 0;
}

type Answer = 'right' | 'wrong' | 'left out';

async function here(times: number): Promise<Answer> {
  const path = python(values.python);
  if (path === null) {
    console.log(`skipped: Python ${values.python} is not on this machine`);
    return 'left out';
  }
  return told(`CPython ${values.python} of this machine`, await checkLedger(path, 'zipapp,venv', times));
}

async function debian(times: number): Promise<Answer> {
  const missing = missingForDebian();
  if (missing.length > 0) {
    console.log(`skipped: Debian 11 takes ${missing.join(' and ')}`);
    return 'left out';
  }
  return told('Debian 11', await checkInDebian(times));
}

/** Right where every stall is the zipapp's, there is one, and its cause is found. */
function told(where: string, { report, output }: LedgerRun): Answer {
  if (report === null) {
    console.log(`${where}: no report\n${output}`);
    return 'wrong';
  }
  const interpreter = report.build?.interpreter.version ?? 'unknown';
  console.log(`\n${where}, Python ${interpreter}, PEX ${report.build?.version ?? 'unknown'}`);
  console.log(`  ${report.summary}`);
  const zipapp = stalls(report, 'zipapp');
  const venv = stalls(report, 'venv');
  const causes = new Set(report.runs.flatMap(({ diagnosis }) => diagnosis?.cause ?? []));
  return zipapp > 0 && venv === 0 && [...causes].join() === 'gil-drop-96387' ? 'right' : 'wrong';
}

function stalls(report: Report, layout: 'zipapp' | 'venv'): number {
  const runs = report.runs.filter((run) => run.layout === layout);
  const stalled = runs.filter(({ verdict }) => verdict === 'stalled');
  console.log(`  ${layout.padEnd(6)} stalls ${stalled.length} of ${runs.length}`);
  const places = stalled.map(({ phase, diagnosis }) => {
    const guilty = diagnosis?.guilty;
    return `${phase}, ${guilty?.function ?? 'nobody'} in ${guilty?.file ?? 'no file'}: ${diagnosis?.cause}`;
  });
  for (const place of new Set(places)) console.log(`    ${place}`);
  return stalled.length;
}

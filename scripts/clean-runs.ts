import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ownEnvironment, request } from '../bench/requests.ts';
import { openSession } from '../src/watch/session.ts';
import { anyPython } from '../test/support/pythons.ts';

const USAGE = `npm run clean-runs -- [--runs 2000] [--concurrency 4] [--python PATH]
Short runs that end by themselves, beside one process a core that does nothing but compute: every verdict other than
passed is a false alarm.`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    concurrency: { type: 'string', default: '4' },
    python: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await main(Number(values.runs), Number(values.concurrency));

async function main(runs: number, concurrency: number): Promise<number> {
  const python = values.python ?? anyPython();
  if (python === null) throw new Error('there is no Python on this machine');
  const burners = Array.from({ length: availableParallelism() }, burn);
  const session = openSession();
  const verdicts = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < runs) {
      next += 1;
      const run = await session.watch(request({ argv: [python, '-c', 'pass'], env: ownEnvironment() }));
      verdicts.set(run.verdict, (verdicts.get(run.verdict) ?? 0) + 1);
      if (run.verdict !== 'passed') console.log(`${run.verdict}: ${run.reason}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await session.close();
  }
  const passed = verdicts.get('passed') ?? 0;
  console.log(`${passed} passed, ${runs - passed} failed`);
  return passed === runs ? 0 : 1;
}

function burn(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
}

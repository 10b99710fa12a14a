import { parseArgs } from 'node:util';
import { openSession, type WatchSession } from '../src/watch/session.ts';
import { anyPython, type Python, pythons } from '../test/support/pythons.ts';
import { watchRequest } from '../test/support/request.ts';
import {
  missingFor,
  type StallExample,
  stallEnvironment,
  stallExamples,
  stallProgram,
} from '../test/support/stalls.ts';

/** `npm run cures`: each cured program of examples/stalls, many times over. */
const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    times: { type: 'string', default: '100' },
    jobs: { type: 'string', default: '4' },
    only: { type: 'string', multiple: true, default: [] },
  },
});

process.exitCode = await main(Number(values.times), Number(values.jobs));

async function main(times: number, jobs: number): Promise<number> {
  const examples = stallExamples().filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  const session = openSession();
  let failures = 0;
  try {
    for (const example of examples) {
      const python = pythonFor(example);
      const missing = python === null ? 'a Python that stalls' : missingFor(example);
      if (python === null || missing !== null) {
        console.log(`${example.name.padEnd(20)} skipped: ${missing} is not on this machine`);
        continue;
      }
      const endings = await runs(session, example, python, times, jobs);
      const passed = endings.filter((ending) => ending === null).length;
      failures += times - passed;
      console.log(`${example.name.padEnd(20)} passed ${passed} of ${times} on ${python.version}`);
      for (const ending of new Set(endings)) if (ending !== null) console.log(`  ${ending}`);
    }
  } finally {
    await session.close();
  }
  return failures === 0 ? 0 : 1;
}

function pythonFor({ only }: StallExample): Python | null {
  const wanted = values.python ?? only?.[0];
  const fits = ({ path, version }: Python) =>
    wanted === undefined ? path === anyPython() : version === wanted;
  return pythons().find(fits) ?? null;
}

/** For each run null if it passed, else what became of it. */
async function runs(
  session: WatchSession,
  example: StallExample,
  python: Python,
  times: number,
  jobs: number,
): Promise<readonly (string | null)[]> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    ...stallEnvironment(example, python),
  };
  const request = watchRequest([python.path, stallProgram(example, 'cured')], {
    env,
    stdin: { kind: example.stdin ?? 'empty' },
  });
  const endings: (string | null)[] = [];
  let left = times;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { verdict, reason } = await session.watch(request);
      endings.push(verdict === 'passed' ? null : reason);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return endings;
}

import { openSession } from '../src/watch/session.ts';
import { ownEnvironment, request } from './requests.ts';

/** `node bench/loop.ts TIMES COMMAND…`: one session, as a soak has it, one run after the other. */
const [times = '1', command = 'true', ...rest] = process.argv.slice(2);
const session = openSession();
for (let done = 0; done < Number(times); done += 1) {
  const run = await session.watch(request({ argv: [command, ...rest], env: ownEnvironment() }));
  if (run.verdict !== 'passed') {
    console.error(`${run.verdict}: ${run.reason}`);
    process.exitCode = 1;
    break;
  }
}
await session.close();

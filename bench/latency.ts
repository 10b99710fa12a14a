import { openSession } from '../src/watch/session.ts';
import { median } from './figures.ts';
import { ownEnvironment, request } from './requests.ts';
import { findTools } from './tools.ts';

const STUCK = 'import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()';

/** From the moment a deadline passes to the verdict, with two snapshots and the program's end between them. */
export async function latencyLines(python: string, rounds: number): Promise<readonly string[]> {
  const tools = await findTools(python);
  const session = openSession();
  const seen: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let passed = Number.NaN;
    const onEvent = ({ kind }: { readonly kind: string }) => {
      if (kind === 'deadline') passed = performance.now();
    };
    await session.watch(
      request({ argv: [python, '-c', STUCK], env: ownEnvironment(), teardown: 500, tools, onEvent }),
    );
    seen.push(performance.now() - passed);
  }
  await session.close();
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const spread = `${least.toFixed(0)} to ${most.toFixed(0)}`;
  return [`deadline to verdict with evidence: median ${median(seen).toFixed(0)} ms of ${rounds} (${spread})`];
}

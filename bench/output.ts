import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { anyPython } from '../test/support/pythons.ts';
import { figureLines, race } from './figures.ts';
import { measure } from './measure.ts';

const FLOOD = ['head', '-c', '1073741824', '/dev/zero'];
const PIECES = 'import os\nfor _ in range(983040): os.write(1, b"x" * 64)';

/** What a program pays for being listened to, and what the guard keeps in memory. */
export async function benchOutput(rounds: number): Promise<readonly string[]> {
  const flood = await race(
    [
      {
        name: '| cat > /dev/null',
        measure: () => measure({ argv: ['sh', '-c', `${FLOOD.join(' ')} | cat > /dev/null`] }),
      },
      { name: 'exitproof run', measure: () => measure(watched(FLOOD)) },
    ],
    rounds,
  );
  const lines = figureLines(`1 GiB at once (median of ${rounds})`, flood);
  const python = anyPython();
  if (python === null) return lines;
  const pieces = [python, '-I', '-S', '-c', PIECES];
  const small = await race(
    [
      { name: '> /dev/null', measure: () => measure({ argv: pieces }) },
      { name: 'exitproof run', measure: () => measure(watched(pieces)) },
    ],
    rounds,
  );
  return [...lines, ...figureLines(`60 MiB in writes of 64 bytes (median of ${rounds})`, small)];
}

function watched(argv: readonly string[]) {
  return { argv: [NODE_24, cliEntry(), 'run', '--', ...argv], env: testEnvironment() };
}

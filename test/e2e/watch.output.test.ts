import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { cliEntry, NODE_24, testEnvironment } from '../support/cli.ts';
import { startGuard } from '../support/guard.ts';
import { processesLeft } from '../support/processes.ts';
import { anyPython } from '../support/pythons.ts';
import { need } from '../support/skips.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

const MiB = 1024 * 1024;
const LONG = { ...SHORT, run: 60_000 };

/** Milliseconds. `EXITPROOF_TEST_SLEEP` makes more of it, in seconds. */
const LONG_SLEEP = Number(process.env['EXITPROOF_TEST_SLEEP'] ?? 25) * 1000;
const STOPPED = 30_000;

// What takes long goes on beside the other tests, in processes of its own.
const guards = new Set<ChildProcess>();
let asleep: ReturnType<typeof withSleepingReader> | null = null;
let stopped: ReturnType<typeof whileStopped> | null = null;

beforeAll(() => {
  const python = anyPython();
  if (python === null) return;
  asleep = withSleepingReader(python);
  stopped = whileStopped(python);
  // A test awaits them later.
  for (const result of [asleep, stopped]) result.catch(() => {});
});

afterAll(() => {
  for (const guard of guards) guard.kill('SIGKILL');
});

describe('output', () => {
  test('goes to a file of the system: /dev/stdout and /dev/stderr can be opened', async () => {
    const run = await watched(['sh', '-c', 'echo out > /dev/stdout; echo err > /dev/stderr']);
    expect(run.verdict).toBe('passed');
    expect(run.output).toMatchObject({ bytes: { stdout: 4, stderr: 4 } });
    expect(run.output.head.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  test('is handed on as it comes, every byte of it', async (context) => {
    const chunks: Buffer[] = [];
    const code = 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 4000)';
    const run = await watched([somePython(context), '-c', code], {
      onOutput: (_stream, chunk) => {
        chunks.push(Buffer.from(chunk));
        return undefined;
      },
    });
    expect(run.verdict).toBe('passed');
    const all = Buffer.concat(chunks);
    expect(all).toHaveLength(1_024_000);
    expect(all.findIndex((byte, index) => byte !== index % 256)).toBe(-1);
  });

  test('in small pieces is read many of them at a time, and every byte of it', async (context) => {
    const writes = 40_000;
    const code = `import os\nfor n in range(${writes}): os.write(1, b"%08d" % n * 8)`;
    const chunks: Buffer[] = [];
    const run = await watched([somePython(context), '-I', '-c', code], {
      onOutput: (_stream, chunk) => {
        chunks.push(Buffer.from(chunk));
        return undefined;
      },
    });
    expect(run.verdict).toBe('passed');
    const all = Buffer.concat(chunks).toString();
    expect(all).toHaveLength(writes * 64);
    const seen = Array.from({ length: writes }, (_, n) => Number(all.slice(n * 64, n * 64 + 8)));
    expect(seen.findIndex((number, n) => number !== n)).toBe(-1);
    // To be woken for every few of them would cost the program more than its own writing does.
    expect(chunks.length).toBeLessThan(writes / 40);
  });

  test('is handed on before the program goes on', async (context) => {
    const code = 'import sys\nprint("who?", flush=True)\nprint("hello", sys.stdin.readline())';
    const child = spawn(NODE_24, [cliEntry(), 'run', '--', somePython(context), '-c', code], {
      env: testEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said === 'who?\n') child.stdin.end('world');
    });
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: 'who?\nhello world\n' });
  });

  test('of a gigabyte is read in little memory, and kept with its head and its tail', async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const command = 'echo begin; head -c 1073741824 /dev/zero; echo end';
    const run = await watched(['sh', '-c', command], {
      deadlines: LONG,
      onOutput: () => {
        most = Math.max(most, process.memoryUsage.rss());
        return undefined;
      },
    });
    expect(run.verdict).toBe('passed');
    expect(run.output.bytes.stdout).toBe(1024 * MiB + 10);
    expect(run.output.head.startsWith('begin\n')).toBe(true);
    expect(run.output.tail.endsWith('end\n')).toBe(true);
    expect(run.output.head.length + run.output.tail.length).toBeLessThanOrEqual(64 * 1024);
    expect(most - before).toBeLessThan(100 * MiB);
  });

  test('of one line of 50 MB without an end is kept like any other', async (context) => {
    const run = await watched([somePython(context), '-c', 'print("x" * 50_000_000, end="")'], {
      deadlines: LONG,
    });
    expect(run).toMatchObject({ verdict: 'passed', output: { bytes: { stdout: 50_000_000 } } });
  });

  test('that comes after the exit is still read', async (context) => {
    const run = await watched([somePython(context), program('late.py')]);
    expect(run).toMatchObject({ verdict: 'passed', output: { head: 'the end\nafter the end\n' } });
  });

  test('is searched for what is expected of it, where it begins and where it ends', async () => {
    const command = 'echo first words; head -c 3000000 /dev/zero; echo last words';
    const verdictOf = async (output: RegExp) =>
      (await watched(['sh', '-c', command], { expect: { exitCode: 0, output } })).verdict;
    expect(await verdictOf(/^first words$/m)).toBe('passed');
    expect(await verdictOf(/last words\n$/)).toBe('passed');
    expect(await verdictOf(/middle words/)).toBe('failed');
  });

  test('is kept without secrets, also without those that a cut went through', async (context) => {
    const secret = 'correct-horse-battery-staple';
    const code = [
      'import sys',
      's = sys.argv[1]',
      'w = sys.stdout.write',
      'w("a" * (32768 - 12) + s)',
      'w("-" * 100000 + s + "b" * (32768 - 12))',
    ].join('\n');
    const run = await watched([somePython(context), '-c', code, secret], { secrets: [secret] });
    expect(run.output.bytes.stdout).toBeGreaterThan(165_000);
    expect(run.output.head).toMatch(/a\*\*\*$/);
    expect(run.output.tail).toMatch(/^\*\*\*b/);
    expect(run.output.head + run.output.tail).not.toMatch(/correct|staple/);
  });
});

describe('stdin', () => {
  const read = 'import sys; print(repr(sys.stdin.read()))';

  test('is empty, a text or a file, as it is asked for', async (context) => {
    const path = somePython(context);
    const said = async (stdin: NonNullable<Parameters<typeof watched>[1]>['stdin']) =>
      (await watched([path, '-c', read], stdin === undefined ? {} : { stdin })).output.head;
    expect(await said({ kind: 'empty' })).toBe("''\n");
    expect(await said({ kind: 'text', text: 'one\ntwo' })).toBe("'one\\ntwo'\n");
    expect(await said({ kind: 'file', path: program('late.py') })).toContain('Ends at once');
  });

  test('of the CLI is the program’s, also where it is a terminal', (context) => {
    const read = 'import sys; print(sys.stdin.isatty(), repr(input()))';
    const { code, shown } = onTerminal(context, '/', [], read);
    expect(code).toBe(0);
    expect(shown).toContain("True 'typed'\r\n");
  });

  test('that stays open keeps a program that reads it', async (context) => {
    const run = await watched([somePython(context), '-c', read], {
      stdin: { kind: 'open' },
      deadlines: { ...SHORT, run: 1500 },
    });
    expect(run).toMatchObject({ verdict: 'stalled', phase: 'run' });
  });

  test('that nobody reads is no fault', async (context) => {
    const run = await watched([somePython(context), '-c', 'pass'], {
      stdin: { kind: 'text', text: 'x'.repeat(MiB) },
    });
    expect(run.verdict).toBe('passed');
  });

  test('that can’t be opened is said before anything starts', async (context) => {
    const run = await watched([somePython(context), '-c', 'pass'], {
      stdin: { kind: 'file', path: '/no/such' },
    });
    expect(run.verdict).toBe('not-started');
    expect(run.reason).toContain('/no/such');
  });
});

describe('a guard that is held up', () => {
  test('by a terminal that is held: the program ends, the report is there, later all is shown in its order', async (context) => {
    const report = join(temporaryFolder('terminal'), 'report.json');
    const args = ['--run-timeout', '20s', '--report', report];
    const { there, code, shown } = onTerminal(context, report, args, 'print(chr(35) * 400_000, "the end")');
    expect(parseReport(readFileSync(report, 'utf8'), 'the report').runs[0]?.verdict).toBe('passed');
    expect({ there, code }).toEqual({ there: true, code: 0 });
    expect(shown.split('#').length - 1).toBe(400_000);
    expect(shown).toMatch(/# the end\r\n[^#]*passed/);
  });

  test('counts no time in which its own reader held the program up', async (context) => {
    const code = 'import sys; sys.stdout.write("x" * 400_000)';
    const run = await watched([somePython(context), '-c', code], {
      deadlines: { ...SHORT, run: 1000, teardown: 1000 },
      onOutput: () => sleep(500),
    });
    expect(run).toMatchObject({ verdict: 'passed', warnings: [], output: { bytes: { stdout: 400_000 } } });
  });

  test.for<[string, () => Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('no more');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no more'))],
  ])('by a listener that %s: the program is ended before that is thrown', async ([, onOutput], context) => {
    const cwd = temporaryFolder('thrown');
    const code = 'import time; print("hi", flush=True); time.sleep(600)';
    const watching = watched([somePython(context), '-c', code], {
      cwd,
      onOutput,
    });
    await expect(watching).rejects.toThrow('no more');
    expect(await processesLeft(cwd)).toEqual([]);
  });

  test.for(['output', 'phase'])(
    'judges nobody where whoever listens to its %s blocks',
    async (kind, context) => {
      const bell = new Int32Array(new SharedArrayBuffer(4));
      const block = () => {
        Atomics.wait(bell, 0, 0, 3000);
        return undefined;
      };
      const run = await watched(
        [somePython(context), '-c', 'print("hi", flush=True); import time; time.sleep(1)'],
        {
          deadlines: { ...SHORT, run: 2000 },
          ...(kind === 'output' ? { onOutput: block } : {}),
          // While the guard itself is at work: what it asks the clock for next comes after the block.
          onEvent: (event) =>
            kind === 'phase' && event.kind === 'phase' && event.phase === 'run' ? block() : undefined,
        },
      );
      expect(run).toMatchObject({ verdict: 'passed', warnings: [] });
    },
  );
});

describe('a guard that was held up for long', () => {
  test('by a reader of its own that sleeps: the program ends, the report is there, later all is read', async (context) => {
    const { run, early, exitCode, bytes } = await begun(context, asleep);
    expect(run).toMatchObject({ verdict: 'passed', warnings: [], output: { bytes: { stdout: 5_000_150 } } });
    expect(early).toBe(true);
    expect({ exitCode, bytes }).toEqual({ exitCode: 0, bytes: 5_000_150 });
  });

  test('by being stopped: it judges nobody by the time that it could not look', async (context) => {
    for (const { record, left } of await begun(context, stopped)) {
      expect(record).toMatchObject({ verdict: 'passed', warnings: [] });
      expect(left).toEqual([]);
    }
  });
});

/** `exitproof run` on a terminal that shows nothing until the file `until` is there. */
function onTerminal(context: TestContext, until: string, args: readonly string[], code: string) {
  const python = somePython(context);
  const command = [NODE_24, cliEntry(), 'run', ...args, '--', python, '-c', code];
  const { stdout } = spawnSync(python, [program('terminal.py'), until, ...command], {
    env: testEnvironment({ TERM: 'xterm', NO_COLOR: '1' }),
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    timeout: 120_000,
  });
  return v.parse(v.object({ there: v.boolean(), code: v.number(), shown: v.string() }), JSON.parse(stdout));
}

function begun<T>(context: TestContext, result: Promise<T> | null): Promise<T> {
  return need(context, 'Python', result);
}

/** A reader that takes nothing for `LONG_SLEEP`, while the program goes on writing and then ends. */
async function withSleepingReader(python: string) {
  const report = join(temporaryFolder('asleep'), 'report.json');
  const code = [
    'import os, time',
    'os.write(1, b"x" * 5_000_000)',
    'for _ in range(50): time.sleep(0.1); os.write(1, b"yes")',
  ].join('\n');
  const args = ['run', '--run-timeout', '20s', '--report', report, '--', python, '-c', code];
  const guard = spawn(NODE_24, [cliEntry(), ...args], {
    env: testEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  guards.add(guard);
  const closed = once(guard, 'close');
  // Nobody listens to its output, which so fills the pipe.
  await sleep(LONG_SLEEP);
  const early = existsSync(report);
  let bytes = 0;
  guard.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const [exitCode] = await closed;
  const [run] = parseReport(readFileSync(report, 'utf8'), 'the report').runs;
  return { run, early, exitCode, bytes };
}

/** One program ends while nobody looks, the other one soon after; both would long be over their deadline. */
async function whileStopped(python: string) {
  return Promise.all(
    [2000, 32_000].map(async (milliseconds) => {
      const cwd = temporaryFolder('held');
      const guard = await startGuard([python, '-c', `import time; time.sleep(${milliseconds / 1000})`], {
        cwd,
        deadlines: { ...SHORT, run: 8000 },
      });
      guards.add(guard.child);
      guard.child.kill('SIGSTOP');
      await sleep(STOPPED);
      guard.child.kill('SIGCONT');
      return { record: await guard.record, left: await processesLeft(cwd) };
    }),
  );
}

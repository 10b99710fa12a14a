import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { cliEntry, NODE_24, testEnvironment } from '../support/cli.ts';
import { startGuard } from '../support/guard.ts';
import { processesLeft } from '../support/processes.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { program, SHORT, somePython, watched } from '../support/watching.ts';

const MiB = 1024 * 1024;
const LONG = { ...SHORT, run: 60_000 };

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
  test('by a reader of its own that sleeps: the program ends, the report is there, later all is read', async (context) => {
    const folder = temporaryFolder('asleep');
    const report = join(folder, 'report.json');
    const code = 'import os, time; os.write(1, b"x" * 5_000_000); time.sleep(0.1)';
    const args = ['run', '--run-timeout', '30s', '--report', report, '--', somePython(context), '-c', code];
    const guard = spawn(NODE_24, [cliEntry(), ...args], {
      env: testEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Nobody listens to its output, which so fills the pipe.
    await vi.waitUntil(() => existsSync(report), { timeout: 60_000, interval: 50 });
    const [run] = parseReport(readFileSync(report, 'utf8'), 'the report').runs;
    expect(run).toMatchObject({ verdict: 'passed', warnings: [], output: { bytes: { stdout: 5_000_000 } } });
    let bytes = 0;
    guard.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [exitCode] = await once(guard, 'close');
    expect({ exitCode, bytes }).toEqual({ exitCode: 0, bytes: 5_000_000 });
  });

  test('judges nobody by the time that it could not look', async (context) => {
    const cwd = temporaryFolder('held');
    const guard = await startGuard([somePython(context), '-c', 'import time; time.sleep(2)'], {
      cwd,
      deadlines: { ...SHORT, run: 3000 },
    });
    guard.child.kill('SIGSTOP');
    // Longer than the deadline of the run, which the program itself keeps.
    await sleep(4000);
    guard.child.kill('SIGCONT');
    expect(await guard.record).toMatchObject({ verdict: 'passed', warnings: [] });
    expect(await processesLeft(cwd)).toEqual([]);
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

  test('judges nobody where whoever listens to it blocks', async (context) => {
    const wait = new Int32Array(new SharedArrayBuffer(4));
    const run = await watched(
      [somePython(context), '-c', 'print("hi", flush=True); import time; time.sleep(1)'],
      {
        deadlines: { ...SHORT, run: 2000 },
        onOutput: () => {
          Atomics.wait(wait, 0, 0, 3000);
          return undefined;
        },
      },
    );
    expect(run).toMatchObject({ verdict: 'passed', warnings: [] });
  });
});

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseReport } from '../../src/report/parse.ts';
import { fakeRunner, type StepResult } from '../support/fakeRunner.ts';
import { processesLeft, processesWith } from '../support/processes.ts';

const runner = fakeRunner();
afterAll(runner.remove);

/** A program of its own, so that nothing has to be built. */
function program(name: string, ...lines: readonly string[]): string {
  const path = join(runner.workspace, name);
  writeFileSync(path, ['#!/usr/bin/env python3', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

const annotationsOf = (step: StepResult) =>
  step.commands.filter(({ name }) => ['error', 'warning', 'notice'].includes(name));

const main = (executable: string, inputs: Readonly<Record<string, string>> = {}) => ({
  entry: 'src/action/main.ts',
  inputs: { executable, ...inputs },
});

const STALLS = [
  'import threading',
  "print('::error::mine')",
  "print('::add-path::/evil')",
  "print('done, without a newline', end='', flush=True)",
  'threading.Thread(target=threading.Event().wait).start()',
];

test('a program that ends passes: outputs, summary, report, no annotation', async () => {
  const step = await runner.step(main(program('ends', "print('hello')")));
  expect(step.exitCode, step.stdout + step.stderr).toBe(0);
  expect(step.outputs).toMatchObject({
    verdict: 'passed',
    phase: '',
    layout: 'executable',
    runs: '1',
    stalls: '0',
  });
  expect(step.summary).toContain('passed');
  expect(annotationsOf(step)).toEqual([]);
  const file = join(runner.workspace, step.outputs['report'] ?? '');
  expect(parseReport(readFileSync(file, 'utf8'), file).verdict).toBe('passed');
});

test('a stall is one error, the stacks stand unfolded after the groups, and no command of the program is obeyed', async () => {
  const step = await runner.step(main(program('stalls', ...STALLS), { 'teardown-timeout': '1s' }));
  expect(step.exitCode, step.stdout + step.stderr).toBe(1);
  expect(step.outputs).toMatchObject({ verdict: 'stalled', phase: 'threading-shutdown', stalls: '1' });
  expect(annotationsOf(step)).toMatchObject([{ name: 'error' }]);
  expect(step.stdout).toContain('::error::mine');
  expect(new Set(step.commands.map(({ name }) => name))).toEqual(new Set(['group', 'endgroup', 'error']));
  expect(step.stdout.split('::endgroup::').at(-1)).toContain('_shutdown');
  expect(step.paths).toEqual([]);
  expect(existsSync(join(runner.workspace, '.exitproof', 'out', 'stacks.txt'))).toBe(true);
});

test('on-stall: warn makes it a warning, and the step passes', async () => {
  const inputs = { 'teardown-timeout': '1s', 'on-stall': 'warn' };
  const step = await runner.step(main(program('may-stall', ...STALLS), inputs));
  expect(step.exitCode, step.stdout + step.stderr).toBe(0);
  expect(step.outputs['verdict']).toBe('stalled');
  expect(annotationsOf(step)).toMatchObject([{ name: 'warning' }]);
});

/** With its end: a program whose reader is killed in the middle of a line ends by itself. */
const WORKING = 'working\n';
const WORKS = ['import time', "print('working', flush=True)", 'time.sleep(600)'];

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s cancels: report and verdict before the runner would kill, and nothing is left',
  async ([signal, code]) => {
    const path = program(`works-${signal}`, ...WORKS);
    let sent = 0;
    const step = await runner.step({
      ...main(path),
      onOutput: (text, kill) => {
        if (sent > 0 || !text.includes(WORKING)) return;
        sent = performance.now();
        kill(signal);
      },
    });
    const took = performance.now() - sent;
    expect(step.exitCode, step.stdout + step.stderr).toBe(code);
    expect(step.outputs).toMatchObject({ verdict: 'cancelled', phase: 'run' });
    // SIGINT, 7.5 s, SIGTERM, 2.5 s, kill.
    expect(took).toBeLessThan(10_000);
    expect(await processesLeft(path)).toEqual([]);
  },
);

const THROWS_LATE = "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('thrown%20late')})";

test('a fault of exitproof that nobody catches is one error and exit code 4, and leaves no program behind', async () => {
  const path = program('works-on', ...WORKS);
  const step = await runner.step({
    ...main(path),
    env: { NODE_OPTIONS: `--import=${THROWS_LATE}` },
    onOutput: (text, kill) => {
      if (text.includes(WORKING)) kill('SIGUSR2');
    },
  });
  expect(step.exitCode, step.stdout + step.stderr).toBe(4);
  expect(annotationsOf(step)).toMatchObject([
    { name: 'error', message: expect.stringContaining('itself: thrown late') },
  ]);
  expect(step.outputs).toEqual({});
  expect(await processesLeft(path)).toEqual([]);
});

test('what a killed main has left is swept by post', async () => {
  const path = program('orphan', ...WORKS);
  const step = await runner.step({
    ...main(path),
    onOutput: (text, kill) => {
      if (text.includes(WORKING)) kill('SIGKILL');
    },
  });
  expect(step.signal).toBe('SIGKILL');
  expect(processesWith(path)).not.toEqual([]);
  const post = await runner.step({ entry: 'src/action/post.ts', state: step.state });
  expect(post.exitCode).toBe(0);
  expect(post.stdout).toMatch(/^ended \d+: .*orphan/m);
  expect(await processesLeft(path)).toEqual([]);
});

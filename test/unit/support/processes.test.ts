import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processesLeft, processesWith } from '../../support/processes.ts';

test('a process is found by its environment, and is missed once it has ended', async () => {
  const needle = `exitproof-needle-${process.pid}-${Date.now()}`;
  const child = spawn('sleep', ['60'], { env: { ...process.env, NEEDLE: needle }, stdio: 'ignore' });
  await once(child, 'spawn');

  expect((await processesLeft(needle, 200)).map(({ pid }) => pid)).toEqual([child.pid]);

  child.kill('SIGKILL');
  expect(await processesLeft(needle)).toEqual([]);
  expect(processesWith(needle)).toEqual([]);
});

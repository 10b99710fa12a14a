import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { kernelState } from '../../../src/evidence/kernel.ts';
import { readProc } from '../../../src/evidence/proc.ts';

test.skipIf(process.platform !== 'linux')('a read of stdin is told with its descriptor', async () => {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  await expect.poll(() => readProc(pid)?.text).toMatch(/^syscall: (?:0|63) 0x0$/m);
  child.kill('SIGSTOP');
  await expect.poll(() => kernelState(pid)).toBe('T');
  expect(readProc(pid)?.text).toMatch(/^state: T/m);
});

test('a process that has gone has nothing to tell', () => {
  expect(readProc(2 ** 22 + 1)).toBeNull();
});

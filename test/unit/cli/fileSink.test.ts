import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileSink, takesAtOnce } from '../../../src/commands/fileSink.ts';
import { temporaryFolder } from '../../support/tmp.ts';

function opened(path: string, flags = 'w'): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
}

test('a file has all that was written to it, at once and after what it had', () => {
  const path = join(temporaryFolder('sink'), 'out');
  writeFileSync(path, 'before ');
  const sink = createFileSink(opened(path, 'a'), {});
  const memory = Buffer.alloc(100_000, 'x');
  expect(sink.write(memory)).toBeUndefined();
  memory.fill('y');
  sink.write('ü\n');
  expect(readFileSync(path, 'utf8')).toBe(`before ${'x'.repeat(100_000)}ü\n`);
  expect(sink.lost()).toBeNull();
});

test.runIf(existsSync('/dev/full'))('a full disk throws nothing and is told afterwards', async () => {
  const sink = createFileSink(opened('/dev/full'), {});
  sink.write('one');
  sink.write('two');
  await sink.drained();
  expect(sink.lost()).toBe('ENOSPC');
});

test('files and /dev/null take what is written at once, what has a reader does not', () => {
  expect(takesAtOnce(opened(join(temporaryFolder('sink'), 'out')))).toBe(true);
  expect(takesAtOnce(opened('/dev/null'))).toBe(true);
  expect(takesAtOnce(1_000_000)).toBe(false);
});

import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createSink } from '../../../src/commands/sink.ts';

/** A stream whose reader reads only when told to. */
function stoppedReader() {
  const held: (() => void)[] = [];
  let bytes = 0;
  let tail = '';
  let open = false;
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      tail = `${tail}${chunk.subarray(-200).toString()}`.slice(-400);
      if (open) done();
      else held.push(done);
    },
  });
  const resume = () => {
    open = true;
    for (const done of held.splice(0)) done();
  };
  return { stream, resume, bytes: () => bytes, tail: () => tail };
}

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

describe('the way out', () => {
  test('keeps a bounded amount for a reader that has stopped, and says how much is left out', async () => {
    const reader = stoppedReader();
    const sink = createSink(reader.stream, {});
    for (let written = 0; written < 100; written += 1) sink.write(MEGABYTE);
    expect(reader.stream.writableLength).toBeLessThan(20 * MEGABYTE.length);
    reader.resume();
    await sink.drained();
    sink.write('later\n');
    await sink.drained();
    expect(reader.tail()).toMatch(
      /\[exitproof: \d+ bytes are left out here, nobody read them in time\]\nlater\n$/,
    );
    const left = Number(/exitproof: (\d+)/.exec(reader.tail())?.[1]);
    expect(left + reader.bytes()).toBeGreaterThan(100 * MEGABYTE.length);
  });

  test('keeps its own copy of what the watch reads next into the same memory', async () => {
    const reader = stoppedReader();
    const sink = createSink(reader.stream, {});
    const memory = Buffer.from('first\n');
    sink.write('zero\n');
    sink.write(memory);
    memory.fill('x');
    reader.resume();
    await sink.drained();
    expect(reader.tail()).toBe('zero\nfirst\n');
  });

  test('outlives a reader that has left', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const sink = createSink(stream, {});
    sink.write('one\n');
    await sink.drained();
    sink.write('two\n');
    await sink.drained();
  });

  test.each([
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{}, false, false],
  ])('with %j at a terminal: %s has colour: %s', (env, isTTY, hasColor) => {
    const stream = Object.assign(new Writable(), { isTTY });
    expect(createSink(stream, env).hasColor).toBe(hasColor);
  });
});

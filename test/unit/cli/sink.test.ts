import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createSink } from '../../../src/commands/sink.ts';

/** A stream whose reader reads only when told to. */
function stoppedReader() {
  const held: (() => void)[] = [];
  let bytes = 0;
  let tail = '';
  let letters = '';
  let open = false;
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      letters = `${letters}${[...new Set(chunk.toString())].join('')}`.replace(/(.)\1+/g, '$1');
      tail = `${tail}${chunk.subarray(-200).toString()}`.slice(-400);
      if (open) done();
      else held.push(done);
    },
  });
  const resume = () => {
    open = true;
    for (const done of held.splice(0)) done();
  };
  return { stream, resume, bytes: () => bytes, tail: () => tail, letters: () => letters };
}

const MiB = 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

describe('the way out', () => {
  test('asks the writer to wait for a slow reader, which so misses nothing', async () => {
    let bytes = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        setImmediate(done);
      },
    });
    const sink = createSink(slow, {});
    let longest = 0;
    for (let written = 0; written < 1_000; written += 1) {
      await sink.write(CHUNK);
      longest = Math.max(longest, slow.writableLength);
    }
    await sink.drained();
    expect(bytes).toBe(1_000 * CHUNK.length);
    expect(longest).toBeLessThan(2 * 1024 * 1024);
  });

  test('waits for a stopped reader only a while, keeps a bounded amount, says how much is left out', async () => {
    const reader = stoppedReader();
    const sink = createSink(reader.stream, {});
    for (let written = 0; written < 1_000; written += 1) await sink.write(CHUNK);
    reader.resume();
    await sink.drained();
    expect(reader.bytes()).toBeLessThan(20 * MiB);
    expect(reader.bytes()).toBeGreaterThan(10 * MiB);
    expect(reader.tail()).toMatch(/\[exitproof: \d+ bytes are left out here, nobody read them in time\]\n$/);
    const left = Number(/exitproof: (\d+)/.exec(reader.tail())?.[1]);
    const notice = reader.tail().length - reader.tail().indexOf('\n[exitproof');
    expect(left + reader.bytes() - notice).toBe(1_000 * CHUNK.length);
  });

  test('keeps what comes in small pieces for a stopped reader in as little memory as any other', async () => {
    const reader = stoppedReader();
    const sink = createSink(reader.stream, {});
    const piece = CHUNK.subarray(0, 4100);
    const before = process.memoryUsage.rss();
    for (let written = 0; written < 10_000; written += 1) await sink.write(piece);
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * MiB);
    reader.resume();
    await sink.drained();
    expect(reader.bytes()).toBeGreaterThan(10 * MiB);
  });

  test.each([6, 60_000])('keeps its own copy of %i bytes that the watch reads over', async (length) => {
    const reader = stoppedReader();
    const sink = createSink(reader.stream, {});
    const memory = Buffer.alloc(length);
    for (const letter of ['a', 'b', 'c']) void sink.write(memory.fill(letter));
    memory.fill('x');
    reader.resume();
    await sink.drained();
    expect(reader.letters()).toBe('abc');
  });

  test.each([
    ['EPIPE', 'a reader that has left', null],
    ['EIO', 'a device that fails, which it tells', 'EIO'],
  ])('outlives by %s %s', async (code, _what, lost) => {
    const error = Object.assign(new Error(code), { code });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(error) });
    const sink = createSink(stream, {});
    const failed = once(stream, 'error').catch(() => {});
    sink.write('one\n');
    await sink.drained();
    await failed;
    sink.write('two\n');
    await sink.drained();
    expect(sink.lost()).toBe(lost);
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

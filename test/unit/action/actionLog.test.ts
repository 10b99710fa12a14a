import { once } from 'node:events';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActionLog } from '../../../src/action/actionLog.ts';
import { obeyed } from '../../support/fakeRunner.ts';

function recorder() {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
}

/** A runner that reads only when told to. */
function stoppedRunner() {
  const held: (() => void)[] = [];
  let text = '';
  let open = false;
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      if (open) done();
      else held.push(done);
    },
  });
  const resume = async () => {
    open = true;
    for (const done of held) done();
    if (stream.writableLength > 0) await once(stream, 'drain');
  };
  return Object.assign(stream, { text: () => text, resume });
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('a command in the program’s output is not obeyed', () => {
  const out = recorder();
  const log = createActionLog(out);
  log.passthrough('stdout', bytes('::error::mine\n##[error]old\n  ::add-mask::x\n\r::warning::y\n'));
  log.passthrough('stderr', bytes('::error::on stderr\n'));
  log.close();
  expect(obeyed(out.text())).toEqual([]);
  expect(out.text()).toContain('::error::on stderr');
});

test('commands are obeyed again after output that ends in the middle of a line', () => {
  const out = recorder();
  const log = createActionLog(out);
  log.passthrough('stdout', bytes('half a line'));
  log.close();
  expect(out.text()).toMatch(/half a line\n::[0-9a-f]{48}::\n$/);
});

test.for(['x', 'x\r', 'x\n', '\r', 'x\r\n', '::', '\n::'])(
  'a group that opens after %j is a group',
  async (output) => {
    const out = recorder();
    const log = createActionLog(out);
    log.passthrough('stdout', bytes(output));
    await log.stage('Next', async () => {});
    expect(obeyed(out.text()).map(({ name }) => name)).toEqual(['group', 'endgroup']);
  },
);

test('every region has a token of its own', () => {
  const out = recorder();
  const log = createActionLog(out);
  for (let region = 0; region < 5; region += 1) {
    log.passthrough('stdout', bytes('x\n'));
    log.close();
  }
  const tokens = [...out.text().matchAll(/::stop-commands::([0-9a-f]+)\n/g)].map(([, token]) => token);
  expect(new Set(tokens).size).toBe(5);
  expect(tokens.every((token) => token?.length === 48)).toBe(true);
});

test('whatever is said in whatever order, only stages are obeyed and the runner is not left deaf', async () => {
  const text = fc.array(
    fc.constantFrom('::error::x', '##[error]x', '\n', '\r', 'word', ' ', '::', '%0A', '::endgroup::', ']'),
    { maxLength: 8 },
  );
  const step = fc.record({
    kind: fc.constantFrom('passthrough', 'info', 'notice', 'warning', 'block', 'close', 'stage'),
    text: text.map((parts) => parts.join('')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const out = recorder();
      const log = createActionLog(out);
      const expected: string[] = [];
      for (const { kind, text } of steps) {
        if (kind === 'passthrough') log.passthrough('stdout', bytes(text));
        else if (kind === 'close') log.close();
        else if (kind === 'block') log.block(text);
        else if (kind === 'stage') {
          expected.push('group', 'endgroup');
          await log.stage(text, async () => log.info(text));
        } else log[kind as 'info' | 'notice' | 'warning'](text);
      }
      log.close();
      expect(obeyed(out.text()).map(({ name }) => name)).toEqual(expected);
    }),
  );
});

test('a stage that fails still ends its group', async () => {
  const out = recorder();
  const log = createActionLog(out);
  await expect(
    log.stage('Build', async () => {
      log.passthrough('stdout', bytes('no newline'));
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  expect(obeyed(out.text()).map(({ name }) => name)).toEqual(['group', 'endgroup']);
});

test('an inner stage does not end the outer group', async () => {
  const out = recorder();
  const log = createActionLog(out);
  await log.stage('Outer', async () => {
    await log.stage('Inner', async () => {});
    log.info('still inside');
  });
  expect(obeyed(out.text())).toMatchObject([{ name: 'group', message: 'Outer' }, { name: 'endgroup' }]);
  expect(out.text().indexOf('still inside')).toBeLessThan(out.text().indexOf('::endgroup::'));
});

test('a title is one line, and can’t carry a command of its own', async () => {
  const out = recorder();
  await createActionLog(out).stage('a\n::error::b 100%', async () => {});
  expect(obeyed(out.text())).toMatchObject([
    { name: 'group', message: String.raw`a\n::error::b 100%25` },
    { name: 'endgroup' },
  ]);
});

test('output keeps its own copy of what the watch reads over', async () => {
  const runner = stoppedRunner();
  const log = createActionLog(runner);
  const memory = Buffer.alloc(3);
  for (const letter of ['a', 'b', 'c']) void log.passthrough('stdout', memory.fill(letter));
  memory.fill('x');
  await runner.resume();
  expect(runner.text()).toMatch(/\naaabbbccc$/);
});

test('a runner that has stopped is waited for only a while, costs bounded memory, and misses no command', async () => {
  const runner = stoppedRunner();
  const log = createActionLog(runner);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let written = 0; written < 500; written += 1) await log.passthrough('stdout', chunk);
  expect(runner.writableLength).toBeLessThan(20 * 1024 * 1024);
  expect(runner.writableLength).toBeGreaterThan(10 * 1024 * 1024);
  log.close();
  await runner.resume();
  await log.passthrough('stdout', bytes('the last words'));
  log.close();
  expect(runner.text()).toMatch(
    /exitproof: \d+ bytes are left out here[\s\S]*the last words\n::[0-9a-f]{48}::\n$/,
  );
});

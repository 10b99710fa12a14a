import { describe, expect, test } from 'vitest';
import type { Sink } from '../../../src/commands/sink.ts';
import { createTerminalLog } from '../../../src/commands/terminalLog.ts';

function paper(isTerminal = false): Sink & { text: () => string } {
  let text = '';
  return {
    write: (chunk) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    },
    drained: () => Promise.resolve(),
    lost: () => null,
    isTerminal,
    width: 80,
    hasColor: false,
    text: () => text,
  };
}

const bytes = (text: string) => Buffer.from(text);

describe('the log at a terminal', () => {
  test('shows each stage with what it says and its time', async () => {
    const own = paper();
    const log = createTerminalLog({ own, program: null, quiet: false, verbose: false });
    await log.stage('Build', async () => {
      log.info('2 wheels');
      log.debug('not shown');
      await log.stage('Inner', async () => log.notice('unlocked'));
    });
    expect(own.text()).toMatch(
      /^Build\n {2}2 wheels\n {2}Inner\n {4}note: unlocked\n {4}done in \d+ ms\n {2}done in \d+ ms\n$/,
    );
  });

  test('says that a stage failed, and lets its fault through', async () => {
    const own = paper();
    const log = createTerminalLog({ own, program: null, quiet: false, verbose: false });
    await expect(log.stage('Build', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(own.text()).toMatch(/ {2}failed after \d+ ms\n$/);
  });

  test('is down to warnings when quiet, and has more to say when verbose', async () => {
    const quiet = paper();
    const log = createTerminalLog({ own: quiet, program: null, quiet: true, verbose: false });
    await log.stage('Build', async () => log.info('a line'));
    log.warning('look');
    expect(quiet.text()).toBe('warning: look\n');
    const verbose = paper();
    createTerminalLog({ own: verbose, program: null, quiet: false, verbose: true }).debug('why');
    expect(verbose.text()).toBe('why\n');
  });

  test('shows a title on one line, whatever it holds', async () => {
    const own = paper();
    const log = createTerminalLog({ own, program: null, quiet: false, verbose: false });
    await log.stage('Smoke: a\nb', async () => {});
    expect(own.text()).toMatch(/^Smoke: a\\nb\n {2}done in/);
  });

  test('lets no text move the cursor', () => {
    const own = paper();
    createTerminalLog({ own, program: null, quiet: false, verbose: false }).info('a\u001b[2Jb');
    expect(own.text()).toBe('a\\x1b[2Jb\n');
  });

  test('passes the bytes of the program on as they are, and adds none on a stream that is its alone', () => {
    const own = paper();
    const [stdout, stderr] = [paper(), own];
    const log = createTerminalLog({ own, program: { stdout, stderr }, quiet: false, verbose: false });
    log.passthrough('stdout', bytes('no newline'));
    log.info('a line');
    log.passthrough('stderr', bytes('unfinished'));
    log.info('another');
    expect(stdout.text()).toBe('no newline');
    expect(own.text()).toBe('a line\nunfinished\nanother\n');
  });

  test('starts a line of its own where both share a terminal', () => {
    const [own, stdout] = [paper(true), paper(true)];
    const log = createTerminalLog({ own, program: { stdout, stderr: own }, quiet: false, verbose: false });
    log.passthrough('stdout', bytes('no newline'));
    log.info('a line');
    expect(own.text()).toBe('\na line\n');
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { perform, type Wishes } from '../../../src/commands/perform.ts';
import type { Sink } from '../../../src/commands/sink.ts';
import type { Report } from '../../../src/report/model.ts';
import type { Ui } from '../../../src/ui.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { PASSED, STALLED } from '../report/sample.ts';

const PLAIN: Wishes = { report: null, json: false, quiet: false, verbose: false };

function paper(): Sink & { text: () => string } {
  let text = '';
  const write = (chunk: string | Uint8Array) => {
    text += Buffer.from(chunk).toString();
    return undefined;
  };
  return {
    write,
    drained: () => Promise.resolve(),
    lost: () => null,
    isTerminal: false,
    width: 80,
    hasColor: false,
    text: () => text,
  };
}

/** A job that lets its program speak and comes to `report`. */
async function performed(wishes: Partial<Wishes>, report: Report, as: 'check' | 'run' = 'check') {
  const [stdout, stderr] = [paper(), paper()];
  const work = async (ui: Ui) => {
    ui.log.info('a line of its own');
    ui.log.passthrough('stdout', Buffer.from('program out\n'));
    ui.log.passthrough('stderr', Buffer.from('program err\n'));
    return report;
  };
  const own = as === 'run' ? 'stderr' : 'stdout';
  const exitCode = await perform({ ...PLAIN, ...wishes }, { stdout, stderr }, own, as === 'run', work);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

// A job listens for signals until its process ends; here the process goes on.
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const before = SIGNALS.map((signal) => process.listeners(signal));
afterEach(() => {
  for (const [index, signal] of SIGNALS.entries()) {
    const added = process.listeners(signal).filter((listener) => before[index]?.includes(listener) !== true);
    for (const listener of added) process.off(signal, listener);
  }
});

describe('a job', () => {
  test('prints its own words, the program and the report, and has the exit code of the verdict', async () => {
    const passed = await performed({}, PASSED);
    expect(passed).toMatchObject({ exitCode: 0, stderr: 'program err\n' });
    expect(passed.stdout).toMatch(/^a line of its own\nprogram out\n\n✓ passed/);
    expect((await performed({}, STALLED)).exitCode).toBe(1);
  });

  test('leaves stdout to the program alone where that is asked', async () => {
    const run = await performed({}, STALLED, 'run');
    expect(run.stdout).toBe('program out\n');
    expect(run.stderr).toMatch(/^a line of its own\nprogram err\n\n✗ stalled/);
  });

  test('prints with --json the report on stdout and all else on stderr', async () => {
    const { stdout, stderr } = await performed({ json: true }, STALLED);
    expect(JSON.parse(stdout)).toEqual(STALLED);
    expect(stderr).toContain('a line of its own\nprogram out\nprogram err\n');
    expect(stderr).toContain('✗ stalled');
  });

  test('is silent when quiet and passed, and tells of anything else', async () => {
    expect(await performed({ quiet: true }, PASSED)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await performed({ quiet: true }, STALLED)).stdout).toContain('✗ stalled');
    expect(await performed({ quiet: true }, PASSED, 'run')).toEqual({
      exitCode: 0,
      stdout: 'program out\n',
      stderr: 'program err\n',
    });
  });

  test('tells of warnings when quiet, also of one on a run that passed', async () => {
    const [run] = PASSED.runs;
    if (run === undefined) throw new Error('the sample has no run');
    const overBudget = { ...PASSED, runs: [{ ...run, warnings: ['over its budget'] }] };
    expect((await performed({ quiet: true }, overBudget)).stdout).toContain('over its budget');
    const grown = { ...PASSED, warnings: ['the teardown grew'] };
    expect((await performed({ quiet: true }, grown)).stdout).toContain('the teardown grew');
  });

  test('leaves report and stacks in its folder, and names the stacks', async () => {
    const reportFolder = join(temporaryFolder('report'), 'new');
    const { stdout } = await performed({ reportFolder }, STALLED);
    expect(JSON.parse(readFileSync(join(reportFolder, 'report.json'), 'utf8'))).toEqual(STALLED);
    expect(readFileSync(join(reportFolder, 'stacks.txt'), 'utf8')).toContain('_shutdown');
    expect(stdout).toContain(join(reportFolder, 'stacks.txt'));
    await performed({ reportFolder }, PASSED);
    expect(existsSync(join(reportFolder, 'stacks.txt'))).toBe(false);
  });

  test('keeps its verdict where that folder cannot be written', async () => {
    const file = join(temporaryFolder('report'), 'file');
    writeFileSync(file, '');
    const { exitCode, stdout } = await performed({ reportFolder: file }, PASSED);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('warning: the report could not be written to output');
  });

  test('keeps the verdict and ends 0 where a stall is allowed', async () => {
    const { exitCode, stdout } = await performed({ onStall: 'warn' }, STALLED);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('✗ stalled');
    expect((await performed({ onStall: 'warn' }, { ...STALLED, verdict: 'leaked' })).exitCode).toBe(1);
  });

  test('writes the report to a file in a folder that was not there', async () => {
    const file = join(temporaryFolder('report'), 'new', 'report.json');
    await performed({ report: file }, STALLED);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(STALLED);
  });

  test('does not begin where the report could not be written', async () => {
    const folder = temporaryFolder('report');
    let begun = false;
    const work = async () => {
      begun = true;
      return PASSED;
    };
    const streams = { stdout: paper(), stderr: paper() };
    await expect(perform({ ...PLAIN, report: folder }, streams, 'stdout', false, work)).rejects.toThrow(
      `--report: got “${folder}”, takes a file that can be written (it is a folder)`,
    );
    expect(begun).toBe(false);
    expect(existsSync(join(folder, 'report.json'))).toBe(false);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that %s cancelled ends %i', async (signal, exitCode) => {
    const streams = { stdout: paper(), stderr: paper() };
    const work = async ({ cancel }: Ui): Promise<Report> => {
      const cancelled = new Promise((resolve) => {
        cancel.addEventListener('abort', () => resolve(cancel.reason));
      });
      process.emit(signal);
      expect(await cancelled).toBe(signal);
      return { ...PASSED, verdict: 'cancelled' };
    };
    expect(await perform(PLAIN, streams, 'stdout', false, work)).toBe(exitCode);
  });
});

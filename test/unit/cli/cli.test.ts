import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultText } from '../../../src/commands/fault.ts';
import { sortFault } from '../../../src/fault.ts';
import { problem } from '../../../src/problem.ts';
import { NODE_24 } from '../../support/cli.ts';
import { inRepository } from '../../support/paths.ts';
import { endProcessesWith, processesLeft } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { cli } from './source.ts';

describe('the CLI', () => {
  test.each([
    [
      ['check', '--run-timeout', '10'],
      '--run-timeout: got “10”, takes a duration such as 10s, 1m30s or 500ms',
    ],
    [['check', 'nowhere'], 'project: got “nowhere”, takes a folder that exists'],
    [['run', '--observer', 'spy', '--', 'true'], '--observer: got “spy”, takes auto, probe, sampler or none'],
    [['chekc'], 'chekc: no such command, did you mean check?'],
    [
      ['run', '--report', '.', '--', 'true'],
      /^--report: got “.*”, takes a file that can be written \(it is a folder\)$/,
    ],
  ])('%j ends with exit code 2 and one sentence on stderr', async (argv, sentence) => {
    const { code, stdout, stderr } = await cli(argv, temporaryFolder('cli'));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^exitproof: .*\n$/);
    const said = stderr.slice('exitproof: '.length, -1);
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });

  test('says what is wrong in pyproject.toml before anything runs', async () => {
    const folder = temporaryFolder('cli');
    writeFileSync(join(folder, 'pyproject.toml'), '[tool.exitproof]\ncache = true\n');
    const { code, stderr } = await cli(['check'], folder);
    expect([code, stderr]).toEqual([
      2,
      'exitproof: pyproject.toml: tool.exitproof.cache: got true, takes auto, on, read or off\n',
    ]);
  });

  test('prints version and help on stdout', async () => {
    const folder = temporaryFolder('cli');
    expect(await cli(['--version'], folder)).toMatchObject({ code: 0, stderr: '' });
    const help = await cli(['check', '--help'], folder);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('--teardown-timeout <duration>');
  });

  test('ends quietly where its reader has left', async () => {
    const argv = [inRepository('src', 'cli.ts'), 'check', '--help'];
    const child = spawn(NODE_24, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    for await (const chunk of child.stderr) stderr += String(chunk);
    expect(stderr).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('says and shows by its exit code that stdout was lost', async () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const argv = [inRepository('src', 'cli.ts'), '--version'];
    const { status, stderr } = spawnSync(NODE_24, argv, {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      4,
      'exitproof: stdout could not be written (ENOSPC), and what is missing there is lost\n',
    ]);
  });

  test('can be interrupted while it waits for a reader that has stopped', async () => {
    const script = `
      import { createSink } from ${JSON.stringify(inRepository('src', 'commands', 'sink.ts'))};
      import { drainAndEnd } from ${JSON.stringify(inRepository('src', 'commands', 'end.ts'))};
      process.on('SIGINT', () => {});
      const stdout = createSink(process.stdout, {});
      stdout.write('x'.repeat(1_000_000));
      const end = drainAndEnd([stdout]);
      process.stderr.write('ready');
      await end;
    `;
    const child = spawn(NODE_24, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    child.stderr.once('data', () => child.kill('SIGINT'));
    const [, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.once('exit', (...ending) => resolve(ending));
    });
    expect(signal).toBe('SIGINT');
  });
});

describe('a fault that nobody catches', () => {
  const PRELOAD = `data:text/javascript,process.on('SIGUSR2', () => { throw new Error('thrown late'); });`;

  test('has exit code 4 and its words, and leaves no program behind', async () => {
    const folder = temporaryFolder('cli-fault');
    onTestFinished(() => endProcessesWith(folder));
    const report = join(folder, 'report.json');
    const argv = ['run', '--report', report, '--', 'sh', '-c', 'echo ready; exec sleep 300'];
    const child = spawn(NODE_24, ['--import', PRELOAD, inRepository('src', 'cli.ts'), ...argv], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.once('data', () => child.kill('SIGUSR2'));
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
    });
    expect(stderr).toContain('exitproof: a fault of exitproof itself: thrown late\n');
    expect(stderr).not.toMatch(/^\S cancelled/m);
    expect(code).toBe(4);
    expect(existsSync(report)).toBe(false);
    expect(await processesLeft(folder)).toEqual([]);
  });
});

test('what somebody set is the first thing a check says, and nothing where nobody set anything', async () => {
  const folder = temporaryFolder('cli');
  const set = await cli(['check', '--executable', '/bin/true', '--run-timeout', '9s'], folder);
  expect(set.stdout).toMatch(
    /^Settings\n {2}executable: \/bin\/true, from the command line\n {2}run-timeout: 9s, from the command line\n/,
  );
  expect((await cli(['check'], folder)).stdout).not.toContain('Settings');
});

function told(error: unknown, verbose: boolean) {
  const fault = sortFault(error);
  return { text: faultText(fault, verbose), exitCode: fault.exitCode };
}

describe('a fault', () => {
  test('of a build has exit code 3 and its hint', () => {
    expect(told(problem('build', 'no such requirement', { hint: 'look' }), true)).toEqual({
      text: 'exitproof: no such requirement\n  look\n',
      exitCode: 3,
    });
  });

  test('of exitproof itself has exit code 4, and its stack only when verbose', () => {
    const fault = new TypeError('x is not a function');
    const brief = told(fault, false);
    expect(brief.exitCode).toBe(4);
    expect(brief.text).toContain('a fault of exitproof itself: x is not a function');
    expect(brief.text).toContain('report it');
    expect(brief.text).not.toContain('    at ');
    expect(told(fault, true).text).toContain('    at ');
  });

  test('thrown as no error at all is told too', () => {
    expect(told('odd', true).text).toContain('itself: odd\n');
  });
});
